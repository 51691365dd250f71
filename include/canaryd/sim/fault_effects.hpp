// What a fault does to an answer.
#pragma once

#include "canaryd/sim/fault.hpp"
#include "canaryd/sim/reply.hpp"

namespace canaryd::sim {

// The answer of a fault that comes before processing. `wall` is for Retry-After as a date.
reply answer_instead(const fault& striking, wall_time wall);

// Applies a fault that comes after processing to the whole answer. Those that change one metric and
// late_metrics do nothing here (metrics_answer.hpp).
void spoil(reply& answered, const fault& striking, wall_time wall);

}  // namespace canaryd::sim
