// What every runner shares, by reference: the world outside its own canary.
#pragma once

#include "canaryd/daemon/control/event_hub.hpp"
#include "canaryd/daemon/pace.hpp"
#include "canaryd/daemon/tell/metrics.hpp"
#include "canaryd/daemon/tell/state_alarm.hpp"
#include "canaryd/daemon/webhooks.hpp"
#include "canaryd/platform/driver.hpp"
#include "canaryd/store/store.hpp"

#include <functional>

namespace canaryd::daemon {

struct services {
  platform::driver& platform;
  store::store& store;
  webhooks& hooks;
  pace& rhythm;
  state_alarm& disk;
  metrics& measures;
  event_hub& events;
  // Evenly spread over [0, 1).
  std::function<double()> random;
  // Called when audit records have been committed.
  std::function<void()> on_records;
};

}  // namespace canaryd::daemon
