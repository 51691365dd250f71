// What is allowed in a job file but hardly meant: values that have no effect, never trip, or cannot
// work. The rules of job/job_file.hpp come first; this looks at files that they accept.
#pragma once

#include "canaryd/job/job.hpp"
#include "canaryd/job/poll_demand.hpp"
#include "canaryd/text/problem.hpp"

#include <string_view>

namespace canaryd::job {

// Warnings about a file that parse_job_file has read as `read`, with line and column, sorted by
// place. Values that defaults supply are warned of only where they make the file's own ones
// pointless. Requires the file's bytes.
text::problem_list lint_job(const job& read, std::string_view bytes, const call_budget& budget);

}  // namespace canaryd::job
