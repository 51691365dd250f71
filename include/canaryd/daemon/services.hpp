// What all runners share: the world outside their own canary.
#pragma once

#include "canaryd/daemon/control/event_hub.hpp"
#include "canaryd/daemon/platforms.hpp"
#include "canaryd/daemon/tell/metrics.hpp"
#include "canaryd/daemon/tell/state_alarm.hpp"
#include "canaryd/store/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct services {
  daemon::platforms& platforms;
  store::store& store;
  state_alarm& alarm;
  metrics& measures;
  event_hub& events;
  // Gives numbers evenly spread over [0, 1).
  std::function<double()> random;
  // The destinations of the audit records of that platform's jobs.
  std::function<std::vector<std::string>(const std::string& platform)> record_destinations;
  // Called when audit records for that destination were committed.
  std::function<void(const std::string& destination)> on_records;
};

}  // namespace canaryd::daemon
