// Makes one poll of a job: asks for the metrics of its canary and, if the canary is compared with
// it, of the stable arm.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/canary/canary.hpp"
#include "canaryd/platform/driver.hpp"

namespace canaryd::daemon {

// Asks for the canary as `query` says. If `with_stable`, also asks for the stable arm, at the same
// time and for the same window, but without the further metrics, which have limits of their own.
async::task<canary::poll_answered> poll_arms(platform::driver& platform, platform::target where,
                                             platform::metrics_query query, bool with_stable);

}  // namespace canaryd::daemon
