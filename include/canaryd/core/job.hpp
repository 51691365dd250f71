// A job as the daemon works with it: one canary, parsed, validated and completed with defaults
// (SPEC section 3). core/job_file.hpp reads it from a file.
#pragma once

#include "canaryd/core/time.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::core {

// A reading breaches above error_rate, below satisfaction_score, above max_latency_ms.
struct thresholds {
  double error_rate = 0.05;         // share of conversations, 0..1
  double satisfaction_score = 3.5;  // mean score, 0..5
  double max_latency_ms = 2000.0;   // against avg_latency_ms

  bool operator==(const thresholds&) const = default;
};

// One share of the traffic and how long it is watched before the next one.
struct traffic_step {
  double canary_percent = 0.0;
  duration hold{};

  bool operator==(const traffic_step&) const = default;
};

// What happens when a hold ends without a passing newest reading.
enum class inconclusive_rule : std::uint8_t { extend, rollback, promote };

struct job {
  std::string bot_id;
  std::string environment_id;
  std::string version;
  // At least one; the first is what the deploy asks for.
  std::vector<traffic_step> steps;
  // The stable arm's share beside the first step, as the file gives it.
  double stable_percent = 0.0;
  double max_traffic_percentage = 0.0;
  thresholds rollback_thresholds;
  bool enable_metric_aggregation = true;
  // Empty: no webhook.
  std::string webhook_url;
  duration validation_interval = std::chrono::seconds{60};
  duration validation_duration = std::chrono::seconds{900};
  std::chrono::minutes window{15};
  std::int64_t min_conversations = 50;
  std::int32_t failure_limit = 1;
  std::int32_t no_data_limit = 0;
  std::int32_t provider_error_limit = 10;
  inconclusive_rule on_inconclusive = inconclusive_rule::extend;
  duration max_extension = std::chrono::seconds{900};
  duration gate_timeout = std::chrono::hours{24};
  std::vector<std::pair<std::string, std::string>> labels;

  bool operator==(const job&) const = default;
};

}  // namespace canaryd::core
