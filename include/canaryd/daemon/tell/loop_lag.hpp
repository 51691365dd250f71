// Measures how late the event loop runs what is due.
#pragma once

#include "canaryd/async/task.hpp"

#include <functional>

namespace canaryd::daemon {

// Until it is cancelled, calls `tell` every second with the time that a timer on the loop was late.
async::task<> measure_loop_lag(std::function<void(duration lag)> tell);

}  // namespace canaryd::daemon
