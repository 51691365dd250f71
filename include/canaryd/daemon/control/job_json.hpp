// Writes a job and its readings as the control API shows them (reference: "Control API").
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/reading.hpp"
#include "canaryd/store/store.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string>
#include <string_view>

namespace canaryd::daemon {

// The present time on both clocks.
struct view_time {
  instant now;
  wall_time wall;
};

// Returns the canary's present share of the traffic in percent. It is 0 before the deploy, after a
// rollback, and if the traffic was taken away. It is 100 after a promotion.
double traffic_of(const job::job& spec, const canary::canary& current);

// Writes the keys of the result file, and `state`, `step` (counted from 1), `traffic`,
// `next_check_at` (null if no reading is planned), `hold_remaining_s` (null if there is no hold)
// and `detail`.
boost::json::object view_job(const job::job& spec, const canary::canary& current, view_time at);

// Writes the same keys for a job whose row cannot be read. `state` and `status` are "unreadable",
// and `detail` says why. What only the row tells is null or empty.
boost::json::object view_unreadable(const store::unreadable_job& lost);

// Says why no command can be given to such a job, and what can be done about it.
std::string why_untouched(const store::unreadable_job& lost);

// Writes `at`, `verdict`, `source`, `window_s`, `conversations` and `metrics`. `metrics` has for
// each name `value`, `limit`, `worse` (the side of the limit on which it breaches) and `verdict`.
// If they apply, it also has `stable` (the other arm's value), `dry_run`, `optional` and
// `past_hard_limit` (true), and `evidence` as in judge::test_evidence. Numbers beyond 1e300 are
// shown as 1e300. `checks` are those of the job. They say what is worse if a former version has
// stored the reading without it.
boost::json::object view_reading(const judge::reading& taken,
                                 std::span<const job::metric_check> checks = {});

}  // namespace canaryd::daemon
