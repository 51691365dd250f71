// One look at a canary's metrics and what it showed (SPEC section 3, "readings").
#pragma once

#include "canaryd/core/metrics.hpp"
#include "canaryd/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::core {

enum class verdict : std::uint8_t {
  pass,
  breach,
  no_data,         // a judged metric is missing, or there were too few conversations
  provider_error,  // the poll failed
};

std::string_view to_string(verdict outcome);
std::string_view to_string(metrics_source source);

// One metric of a reading against its limit.
struct judged_metric {
  // As in the API's answer: error_rate, satisfaction_score, avg_latency_ms.
  std::string name;
  std::optional<double> value;
  double limit = 0.0;
  verdict outcome = verdict::pass;

  bool operator==(const judged_metric&) const = default;
};

struct reading {
  wall_time at;
  verdict outcome = verdict::no_data;
  metrics_source source = metrics_source::primary;
  // What was asked for, in whole units of the API's window.
  duration window{};
  std::optional<std::int64_t> conversations;
  // Every judged metric, whatever the verdict; empty for a provider error.
  std::vector<judged_metric> metrics;
  // Why the poll failed; empty unless it is a provider error.
  std::string problem;

  bool operator==(const reading&) const = default;
};

// The values of a reading, as they are told to the API.
metrics_sample sample_of(const reading& taken);

}  // namespace canaryd::core
