// The body of an answer of the metrics call.
#pragma once

#include "canaryd/sim/conversations.hpp"
#include "canaryd/sim/fault.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::sim {

// `15m`, `30s`, `2h`: a whole number and its unit, from 1 s to 24 h.
std::optional<std::chrono::seconds> parse_window(std::string_view text);

// error_rate, satisfaction_score, avg_latency_ms, conversation_count, satisfaction_count,
// escalation_rate; a mean over nothing is null. The faults that are about a metric change its
// value. `long_numbers` as in api_options.
std::string metrics_body(const conversation_totals& totals,
                         const std::vector<const fault*>& striking, bool long_numbers = false);

}  // namespace canaryd::sim
