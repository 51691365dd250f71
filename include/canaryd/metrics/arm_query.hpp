// Which arm's metrics are asked for, and of which window.
#pragma once

#include "canaryd/base/time.hpp"

#include <string>
#include <vector>

namespace canaryd::metrics {

struct arm_query {
  std::string bot_id;
  std::string environment_id;
  std::string version;
  std::string deployment_id;
  // "canary" or "stable".
  std::string arm;
  // Of the arm's endpoint and of what it serves; empty where the platform has no such thing.
  std::string endpoint_token;
  std::string snapshot_id;
  // The metrics that are wanted besides the built-in ones and the counts of conversations and
  // scores.
  std::vector<std::string> further;
  // The window, `to` not included.
  wall_time from;
  wall_time to;
  // How long the answers may take. Waiting for the rate budget does not count.
  duration time{};
};

}  // namespace canaryd::metrics
