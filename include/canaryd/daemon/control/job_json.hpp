// A job and its readings as the control API shows them (reference: "Control API").
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

// What the clocks say while somebody looks.
struct view_time {
  instant now;
  wall_time wall;
};

// The canary's share of the traffic at present, in percent: 0 before the deploy, after a rollback
// and where the traffic was taken away, 100 after a promotion.
double traffic_of(const job::job& spec, const canary::canary& current);

// The keys of the result file, and `state`, `step` (from 1), `traffic`, `next_check_at` (null where
// no reading is planned), `hold_remaining_s` (null where there is no hold), `detail`.
boost::json::object view_job(const job::job& spec, const canary::canary& current, view_time at);

// The same keys for a job whose row cannot be read: `state` and `status` are "unreadable", `detail`
// says why, and what only the row tells is null or empty.
boost::json::object view_unreadable(const store::unreadable_job& lost);

// Why no command can be given to such a job, and what can be done about it.
std::string why_untouched(const store::unreadable_job& lost);

// `at`, `verdict`, `source`, `window_s`, `conversations` and `metrics`: by name `value`, `limit`,
// `worse` (the side of the limit on which it breaches), `verdict`, and where they apply `stable`
// (the other arm's value), `dry_run`, `optional` and `past_hard_limit` (true), and `evidence` as in
// judge::test_evidence. Numbers beyond 1e300 are shown as that. The checks are those of its job,
// and say what is worse where a former version has stored a reading without it.
boost::json::object view_reading(const judge::reading& taken,
                                 std::span<const job::metric_check> checks = {});

}  // namespace canaryd::daemon
