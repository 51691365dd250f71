// Writes jobs and their readings as tables, for list, show, history and watch without a job.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/cli/job_info.hpp"
#include "canaryd/cli/style.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::cli {

// One line for each job. Those under way come first, and both groups are sorted by id. `now` is
// needed to say how long is left.
std::vector<std::string> render_jobs(std::vector<job_info> jobs, wall_time now, const style& look);

// One line for each reading, in the order given, with a column for each metric. Beside it are the
// stable arm's value and the evidence, if any reading has them, and at the end is the problem. A
// metric without effect is in brackets. `columns` is the width of the terminal, at least 1; the
// problem is cut off at the end of the line.
std::vector<std::string> render_readings(const std::vector<reading_info>& readings,
                                         std::optional<std::size_t> columns, const style& look);

// One job, with one line for each fact and with the newest of its readings. `readings` has the
// oldest first.
std::vector<std::string> render_job_details(const job_info& job,
                                            const std::vector<reading_info>& readings,
                                            wall_time now, const style& look);

// Any object of the daemon, with one line for each member. Members of inner objects are written
// "outer.inner".
std::vector<std::string> render_facts(const boost::json::value& from, const style& look);

// Whole seconds, such as "4m30s", "18s" or "0s". Never negative.
std::string time_left(duration left);
// Such as "2026-03-01 09:30:00Z". "-" if there is none.
std::string moment_text(const std::optional<wall_time>& when);
// Such as "5 %". "-" if it is not known.
std::string percent_text(std::optional<double> share);

}  // namespace canaryd::cli
