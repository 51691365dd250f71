// The part of job/job_lint.hpp that looks at how readings are judged.
#pragma once

#include "canaryd/job/job.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/object.hpp>

namespace canaryd::job {

// Warnings about `analysis` and what works against it, without line and column. `file` is what the
// operator wrote: its defaults are left out.
text::problem_list lint_analysis(const job& read, const boost::json::object& file);

}  // namespace canaryd::job
