// What systemd is told of the daemon (sd_notify(3)). Nothing happens where it was not started by
// systemd with Type=notify.
#pragma once

#include "canaryd/async/task.hpp"

#include <functional>
#include <string>

namespace canaryd::daemon {

// Jobs are resumed and incoming/ is watched; also when a reload is over, whatever came of it.
void notify_ready();
void notify_reloading();
void notify_stopping();

// Until cancelled: says that the loop is alive, at a quarter of the time that the watchdog allows
// (WatchdogSec=). Returns at once where there is no watchdog.
async::task<> feed_watchdog();

// Until cancelled: the line of `systemctl status`, at most once a second and only when it changed.
// Returns at once where nobody reads it.
async::task<> tell_status(std::function<std::string()> describe);

}  // namespace canaryd::daemon
