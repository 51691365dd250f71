// Jobs and their readings as tables: what list, history and watch without a job show.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/cli/job_info.hpp"
#include "canaryd/cli/style.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::cli {

// A line a job, those under way first, each group by id. `now` says how long is left.
std::vector<std::string> render_jobs(std::vector<job_info> jobs, wall_time now, const style& look);

// A line a reading, in the order given, a column a metric; beside it the stable arm's value and the
// evidence, where any reading has them, and at the end the problem. What has no effect is in
// brackets. `columns` are those of the terminal, at least 1: the problem is cut where its line
// ends.
std::vector<std::string> render_readings(const std::vector<reading_info>& readings,
                                         std::optional<std::size_t> columns, const style& look);

// One job, a line a fact, with the newest of its readings (oldest first).
std::vector<std::string> render_job_details(const job_info& job,
                                            const std::vector<reading_info>& readings,
                                            wall_time now, const style& look);

// Any object of the daemon, a line a member, those of inner objects as "outer.inner".
std::vector<std::string> render_facts(const boost::json::value& from, const style& look);

// "4m30s", "18s", "0s": whole seconds, never negative.
std::string time_left(duration left);
// "2026-03-01 09:30:00Z"; "-" where there is none.
std::string moment_text(const std::optional<wall_time>& when);
// "5 %"; "-" where it is not known.
std::string percent_text(std::optional<double> share);

}  // namespace canaryd::cli
