// A question about the canary's arm of a bot, over a quarter of an hour.
#pragma once

#include "canaryd/metrics/arm_query.hpp"

#include <chrono>

namespace canaryd::metrics {

inline arm_query sample_query() {
  // 2026-01-01T00:00:00Z
  const wall_time from{std::chrono::seconds{1'767'225'600}};
  return {.bot_id = "orders",
          .environment_id = "prod",
          .version = "2.1.0",
          .deployment_id = "d-1",
          .arm = "canary",
          .endpoint_token = "tok",
          .snapshot_id = "snap",
          .further = {},
          .from = from,
          .to = from + std::chrono::minutes{15},
          .time = std::chrono::seconds{10}};
}

}  // namespace canaryd::metrics
