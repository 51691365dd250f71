// How long the event loop keeps things waiting that are due.
#pragma once

#include "canaryd/async/task.hpp"

#include <functional>

namespace canaryd::daemon {

// Until cancelled: every second, tells how late a timer on the loop has run.
async::task<> measure_loop_lag(std::function<void(duration lag)> tell);

}  // namespace canaryd::daemon
