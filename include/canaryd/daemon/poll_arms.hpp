// One poll of a job: its canary's metrics and, where the canary is held against it, the stable
// arm's.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/canary/canary.hpp"
#include "canaryd/platform/driver.hpp"

namespace canaryd::daemon {

// Asks for the canary as `query` says and, if `with_stable`, at the same time and for the same
// window for the stable arm, without the further metrics, which have limits of their own.
async::task<canary::poll_answered> poll_arms(platform::driver& platform, platform::target where,
                                             platform::metrics_query query, bool with_stable);

}  // namespace canaryd::daemon
