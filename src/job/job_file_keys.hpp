// Parts of the job file that job_file.cpp is put together from. Each reads keys of `in`, and
// reports what is wrong with them there.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"

#include <algorithm>

namespace canaryd::job {

// validation_interval, validation_duration, max_extension and gate_timeout.
void read_times(text::json_fields& in, job& into, duration min_interval);

// `steps`, or else one step of validation_duration, whose share read_traffic_matrix() reads.
// Requires that max_traffic_percentage and the times have been read.
void read_steps(text::json_fields& in, job& into);

// traffic_matrix, which must be there where there are no steps and must agree with them where there
// are. Requires that the steps have been read.
void read_traffic_matrix(text::json_fields& in, job& into);

// What two keys have to do with each other: neither the validation_duration nor a step's own hold
// is shorter than the validation_interval. Requires that the steps have been read.
void check_duration(text::json_fields& in, const job& read);
void check_holds(text::json_fields& in, const job& read);

// What the sequential method needs: interval and holds of whole units of the API's window
// (api.window_unit), and no hold longer than an answer can tell of. Requires that everything has
// been read.
void check_window_units(text::json_fields& in, const job& read, duration length);

// `analysis` (reference: "Judging").
void read_analysis(text::json_fields& in, analysis_rules& into);

// The limits of the built-in metrics, in thresholds or hard_limits, each optional; unknown keys are
// problems.
template <class Limits>
void read_limits(text::json_fields& in, Limits& into) {
  for (const auto& metric : built_in_metrics)
    in.read(metric.limit_key, limit_of(into, metric),
            text::number_in({.min = metric.least,
                             .max = std::min(metric.most, text::number_bounds{}.max),
                             .above_min = !metric.limit_may_be_least}));
  in.refuse_unknown_keys();
}

}  // namespace canaryd::job
