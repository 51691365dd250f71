// Finds values in a job file that are allowed but hardly intended, because they have no effect,
// never trip, or cannot work. It looks only at files that job/job_file.hpp accepts.
#pragma once

#include "canaryd/job/job.hpp"
#include "canaryd/job/poll_demand.hpp"
#include "canaryd/text/problem.hpp"

#include <string_view>

namespace canaryd::job {

// Warnings about a file that parse_job_file has read as `read`, with line and column, sorted by
// place. Values that come from defaults are judged like the file's own, but some warnings are only
// about keys that the file itself has. Requires the file's bytes.
text::problem_list lint_job(const job& read, std::string_view bytes, const call_budget& budget);

}  // namespace canaryd::job
