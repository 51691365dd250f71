// canaryctl watch: what happens, as it happens, until a canary has ended or somebody presses
// Ctrl-C. On a terminal a view that is drawn in place, else a line an event, with --json a document
// {"event", "data"} an event. A daemon that goes away is waited for.
#pragma once

#include "canaryd/cli/control_client.hpp"
#include "canaryd/cli/output.hpp"

#include <chrono>
#include <string>

namespace canaryd::cli {

// For the client of a watch: while it asks nobody hears Ctrl-C.
inline constexpr std::chrono::seconds watch_time_limit{3};

// One job until it has ended: 0 promoted, 1 rolled back, 2 failed or no such job, 3 no daemon to
// begin with; 128 + n after signal n.
int watch_job(const control_client& daemon, const std::string& job_id, const output& to);

// All jobs, until a signal.
int watch_jobs(const control_client& daemon, const output& to);

}  // namespace canaryd::cli
