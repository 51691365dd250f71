// Parts of the job file that job_file.cpp is put together from.
#pragma once

#include "canaryd/core/job.hpp"
#include "canaryd/core/json_fields.hpp"

namespace canaryd::core {

// error_rate, satisfaction_score and max_latency_ms, each optional; unknown keys are problems.
void read_thresholds(json_fields& in, thresholds& into);

// Reads the keys of SPEC section 3 that this version cannot act on. Their syntax is checked as that
// of any key; a value that would have an effect is refused as not supported.
void refuse_unsupported_keys(json_fields& in);

}  // namespace canaryd::core
