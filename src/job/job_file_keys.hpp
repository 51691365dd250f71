// The parts of job_file.cpp. Each reads or checks keys of `in`, and reports their problems there.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"

#include <algorithm>

namespace canaryd::job {

// Reads validation_interval, validation_duration, max_extension and gate_timeout.
void read_times(text::json_fields& in, job& into, duration min_interval);

// Reads `steps`. Without them, makes one step of validation_duration, whose share
// read_traffic_matrix() reads. Requires that max_traffic_percentage and the times have been read.
void read_steps(text::json_fields& in, job& into);

// Reads traffic_matrix. It is required if there are no steps, and must agree with them if there
// are. Requires that the steps have been read.
void read_traffic_matrix(text::json_fields& in, job& into);

// Check keys against each other: neither the validation_duration nor a step's own hold may be
// shorter than the validation_interval. Requires that the steps have been read.
void check_duration(text::json_fields& in, const job& read);
void check_holds(text::json_fields& in, const job& read);

// Checks what the sequential method needs: interval and holds are whole units of the API's window
// (api.window_unit), and no hold is longer than the longest window. `length` is the unit. Requires
// that everything has been read.
void check_window_units(text::json_fields& in, const job& read, duration length);

// Reads `analysis` (reference: "Judging").
void read_analysis(text::json_fields& in, analysis_rules& into);

// Reads the limits of the built-in metrics, into thresholds or hard_limits. Each is optional, and
// unknown keys are problems.
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
