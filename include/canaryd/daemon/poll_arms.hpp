// One poll of a job: its canary's metrics and, where the canary is held against it, the stable
// arm's.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/cognigy/platform.hpp"
#include "canaryd/core/canary.hpp"

namespace canaryd::daemon {

// Asks for the canary as `query` says and, if `with_stable`, at the same time and for the same
// window for the stable arm, without the further metrics, which have limits of their own.
async::task<core::poll_answered> poll_arms(cognigy::platform& platform, cognigy::target where,
                                           cognigy::metrics_query query, bool with_stable);

}  // namespace canaryd::daemon
