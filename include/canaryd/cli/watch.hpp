// canaryctl watch: shows what happens until the canary has ended or somebody presses Ctrl-C. On a
// terminal it draws a view in place. Otherwise it writes one line for each event, or with --json
// one document {"event", "data"}. If the daemon goes away, it waits for it.
#pragma once

#include "canaryd/cli/control_client.hpp"
#include "canaryd/cli/output.hpp"

#include <chrono>
#include <string>

namespace canaryd::cli {

// The time limit for requests during a watch. It is short, because Ctrl-C has no effect until a
// request has ended.
inline constexpr std::chrono::seconds watch_time_limit{3};

// Watches one job until it has ended. Returns 0 if it was promoted, 1 if it was rolled back, 2 if
// it failed or does not exist, 3 if there is no daemon at the beginning, and 128 + n after signal
// n.
int watch_job(const control_client& daemon, const std::string& job_id, const output& to);

// Watches all jobs until a signal comes. Returns 3 or 128 + n, as watch_job() does.
int watch_jobs(const control_client& daemon, const output& to);

}  // namespace canaryd::cli
