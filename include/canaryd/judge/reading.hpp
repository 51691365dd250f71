// One look at a canary's metrics and what it showed (reference: "Readings").
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/job/metric_table.hpp"
#include "canaryd/judge/metrics.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::judge {

enum class verdict : std::uint8_t {
  pass,
  breach,
  no_data,         // a judged metric is missing, or there were no or too few conversations
  provider_error,  // the poll failed
};

std::string_view to_string(verdict outcome);
std::string_view to_string(metrics_source source);

// What the sequential method has gathered about one metric since the deploy. `against` and `within`
// are e-values: the odds against "the metric is within its limit", and against "it is past its
// limit". A test is decided when its odds reach `needed`.
struct test_evidence {
  double against = 0.0;
  double within = 0.0;
  double needed = 0.0;
  // The number of conversations counted, and how much of them speaks against the canary: the
  // errors, or the sum of 1 - score/5.
  std::int64_t trials = 0;
  double events = 0.0;
  // How far the newest answer's rate was from a whole number of events.
  double rounding = 0.0;

  bool operator==(const test_evidence&) const = default;
};
BOOST_DESCRIBE_STRUCT(test_evidence, (), (against, within, needed, trials, events, rounding))

// One metric of a reading against its limit.
struct judged_metric {
  // As in the API's answer.
  std::string name;
  std::optional<double> value;
  // The hard limit, if the value is past it. Otherwise the limit that the comparison uses: the
  // job's limit, what the stable arm allows, or the stricter of both.
  double limit = 0.0;
  verdict outcome = verdict::pass;
  // The stable arm's value, if the canary is compared with it.
  std::optional<double> stable = std::nullopt;
  // It is judged and recorded, but has no effect.
  bool dry_run = false;
  // It is past the job's hard limit.
  bool past_hard_limit = false;
  // Present if a test judges the metric. If the test rejects it, the canary is rolled back whatever
  // the failure limit.
  std::optional<test_evidence> evidence = std::nullopt;
  // It may be missing, and nothing waits for proof of it.
  bool optional = false;
  // The side of the limit on which it breaches. Empty in readings that a former version has stored;
  // then job::worse_of tells the side.
  std::optional<job::worse_side> worse = std::nullopt;

  bool operator==(const judged_metric&) const = default;
};
BOOST_DESCRIBE_STRUCT(judged_metric, (),
                      (name, value, limit, outcome, stable, dry_run, past_hard_limit, evidence,
                       optional, worse))

struct reading {
  wall_time at;
  verdict outcome = verdict::no_data;
  // Where its samples came from. `merged` also means that the arms came from different sources.
  metrics_source source = metrics_source::primary;
  // The window that was asked for, in whole units of the API's window.
  duration window{};
  std::optional<std::int64_t> conversations;
  // Every judged metric, whatever the verdict. Empty if the canary's arm did not answer.
  std::vector<judged_metric> metrics;
  // Says why the poll failed, or what data is missing. Empty for a pass and a breach.
  std::string problem;

  bool operator==(const reading&) const = default;
};
BOOST_DESCRIBE_STRUCT(reading, (), (at, outcome, source, window, conversations, metrics, problem))

// The values of a reading as the API is told of them. Each is there once.
metrics_sample sample_of(const reading& taken);

}  // namespace canaryd::judge
