// The part of core/job_lint.hpp that looks at how readings are judged.
#pragma once

#include "canaryd/core/job.hpp"
#include "canaryd/core/problem.hpp"

#include <boost/json/object.hpp>

namespace canaryd::core {

// Warnings about `analysis` and what works against it, without line and column. `file` is what the
// operator wrote: its defaults are left out.
problem_list lint_analysis(const job& read, const boost::json::object& file);

}  // namespace canaryd::core
