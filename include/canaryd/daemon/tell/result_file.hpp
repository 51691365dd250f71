// Writes the result of a finished job, done/<job_id>.result.json (reference: "Results").
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/job/job.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace canaryd::daemon {

// The keys of the result file, which the control API also shows for a job.
boost::json::object describe_job(const job::job& spec, const canary::canary& current);

// The text of the result file of a job that has ended.
std::string write_result(const job::job& spec, const canary::canary& ended);

// Describes a reading for the log: `error_rate=0.012/0.05 … conversations=1200 verdict=pass`, with
// the value and the limit of every metric. If there are any, `evidence=error_rate:3.1/40` (the
// evidence against the canary, and the amount that rolls it back), `proof=error_rate:0.2/40` (the
// evidence for it, and the amount that proves it) and `dry_run=avg_latency_ms` follow, each a list
// with commas.
std::string describe_reading(const judge::reading& taken);

}  // namespace canaryd::daemon
