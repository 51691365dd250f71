// What a finished job leaves in done/: <job_id>.result.json (reference: "Results").
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/job/job.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace canaryd::daemon {

// The keys of the result file; also what the control API shows of a job.
boost::json::object describe_job(const job::job& spec, const canary::canary& current);

// The text of the result file of a job that has ended.
std::string write_result(const job::job& spec, const canary::canary& ended);

// `error_rate=0.012/0.05 … conversations=1200 verdict=pass`: value and limit of every metric of a
// reading, as the log shows it. Behind them, where there are any, `evidence=error_rate:3.1/40`
// (what speaks against the canary, and what rolls it back), `proof=error_rate:0.2/40` (what speaks
// for it, and what proves it) and `dry_run=avg_latency_ms`, each a list with commas.
std::string describe_reading(const judge::reading& taken);

}  // namespace canaryd::daemon
