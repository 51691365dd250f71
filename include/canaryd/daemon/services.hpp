// What every runner shares, by reference: the world outside its own canary.
#pragma once

#include "canaryd/cognigy/platform.hpp"
#include "canaryd/daemon/event_hub.hpp"
#include "canaryd/daemon/metrics.hpp"
#include "canaryd/daemon/pace.hpp"
#include "canaryd/daemon/state_alarm.hpp"
#include "canaryd/daemon/webhooks.hpp"
#include "canaryd/store/store.hpp"

#include <functional>

namespace canaryd::daemon {

struct services {
  cognigy::platform& platform;
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
