// What is allowed in a job file but hardly meant: values that have no effect, never trip, or cannot
// work. The rules of core/job_file.hpp come first; this looks at files that they accept.
#pragma once

#include "canaryd/core/job.hpp"
#include "canaryd/core/problem.hpp"
#include "canaryd/core/time.hpp"

#include <cstdint>
#include <string_view>

namespace canaryd::core {

// The API calls that all canaries together may make: at most `requests` in any time of length
// `per`.
struct call_budget {
  std::int64_t requests = 1000;
  duration per = std::chrono::minutes{5};
};

// How many polls one canary asks for in the time that `budget` is for.
double polls_asked_for(const job& read, const call_budget& budget);

// Warnings about a file that parse_job_file has read as `read`, with line and column, sorted by
// place. Values that defaults supply are warned of only where they make the file's own ones
// pointless. Requires the file's bytes.
problem_list lint_job(const job& read, std::string_view bytes, const call_budget& budget);

}  // namespace canaryd::core
