// Writes the body of an answer to the metrics call.
#pragma once

#include "canaryd/sim/conversations.hpp"
#include "canaryd/sim/fault.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::sim {

// Reads `15m`, `30s` or `2h`: a whole number and its unit, from 1 s to 24 h.
std::optional<std::chrono::seconds> parse_window(std::string_view text);

// Writes error_rate, satisfaction_score, avg_latency_ms, conversation_count, satisfaction_count and
// escalation_rate. A mean over nothing is null. Faults that are about a metric change its value.
// `long_numbers` is explained in api_options.
std::string metrics_body(const conversation_totals& totals,
                         const std::vector<const fault*>& striking, bool long_numbers = false);

}  // namespace canaryd::sim
