// Tells systemd about the daemon (sd_notify(3)). Does nothing unless systemd started it with
// Type=notify.
#pragma once

#include "canaryd/async/task.hpp"

#include <functional>
#include <string>

namespace canaryd::daemon {

// Called when jobs are resumed and incoming/ is watched, and also at the end of a reload, whatever
// its result.
void notify_ready();
void notify_reloading();
void notify_stopping();

// Until it is cancelled, tells the watchdog that the loop is alive, four times in the time that it
// allows (WatchdogSec=). Returns at once if there is no watchdog.
async::task<> feed_watchdog();

// Until it is cancelled, sets the line of `systemctl status`, at most once a second and only when
// it has changed. Returns at once if nobody reads it.
async::task<> tell_status(std::function<std::string()> describe);

}  // namespace canaryd::daemon
