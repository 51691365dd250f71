// Jobs in the state, which outlive the program that took them (reference: "Stored rows"). What is
// read here was valid when it was stored, by whatever version of the program, so it is not judged
// again as job/job_file.hpp judges a file.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/job/job.hpp"

#include <string>
#include <string_view>

namespace canaryd::job {

// Reads what write_job_file has written, of this version or another. Unknown keys are passed over.
// A missing key has the default that it had when it was introduced. Only what arithmetic needs is
// checked: finite numbers, counts that fit, an interval and a hold above 0. Errors
// (fault::malformed, with the place): text that is not JSON, a key of the wrong kind, a word that
// is not known (what it decides cannot be guessed), and a missing bot_id, environment_id, version,
// max_traffic_percentage, or share of the traffic.
result<job> read_stored_job(std::string_view text);

}  // namespace canaryd::job
