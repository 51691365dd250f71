// What is allowed in a job file but hardly meant: values that have no effect, never trip, or cannot
// work. The rules of core/job_file.hpp come first; this looks at files that they accept.
#pragma once

#include "canaryd/core/job.hpp"
#include "canaryd/core/poll_demand.hpp"
#include "canaryd/core/problem.hpp"

#include <string_view>

namespace canaryd::core {

// Warnings about a file that parse_job_file has read as `read`, with line and column, sorted by
// place. Values that defaults supply are warned of only where they make the file's own ones
// pointless. Requires the file's bytes.
problem_list lint_job(const job& read, std::string_view bytes, const call_budget& budget);

}  // namespace canaryd::core
