// Applies faults to answers.
#pragma once

#include "canaryd/sim/fault.hpp"
#include "canaryd/sim/reply.hpp"

namespace canaryd::sim {

// Makes the answer of a fault that comes before processing. Retry-After as a date needs `wall`.
reply answer_instead(const fault& striking, wall_time wall);

// Applies a fault that comes after processing to the whole answer. late_metrics and the faults that
// change one metric do nothing here (see metrics_answer.hpp).
void spoil(reply& answered, const fault& striking, wall_time wall);

}  // namespace canaryd::sim
