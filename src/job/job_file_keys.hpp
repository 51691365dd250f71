// Parts of the job file that job_file.cpp is put together from. Each reads keys of `in`, and
// reports what is wrong with them there.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/text/json_fields.hpp"

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
void check_window_units(text::json_fields& in, const job& read, duration unit);

// `analysis` (reference: "Judging").
void read_analysis(text::json_fields& in, analysis_rules& into);

// error_rate, satisfaction_score and max_latency_ms of thresholds or hard_limits, each optional;
// unknown keys are problems.
template <class Limits>
void read_limits(text::json_fields& in, Limits& into) {
  in.read("error_rate", into.error_rate, text::number_in({.min = 0, .max = 1}));
  in.read("satisfaction_score", into.satisfaction_score, text::number_in({.min = 0, .max = 5}));
  in.read("max_latency_ms", into.max_latency_ms, text::number_in({.min = 0, .above_min = true}));
  in.refuse_unknown_keys();
}

}  // namespace canaryd::job
