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

// What the sequential method has gathered about one metric since the deploy. The values are
// e-values: the odds at which one could have bet against "the metric is within its limit", or
// against "it is past it". At `needed` such a bet is won.
struct test_evidence {
  double against = 0.0;
  double within = 0.0;
  double needed = 0.0;
  // Conversations that were counted, and how much of them counts against the canary: errors, or
  // scores as the sum of 1 - score/5.
  std::int64_t trials = 0;
  double events = 0.0;
  // How far the newest answer's rate was from a whole number of events.
  double rounding = 0.0;

  bool operator==(const test_evidence&) const = default;
};
BOOST_DESCRIBE_STRUCT(test_evidence, (), (against, within, needed, trials, events, rounding))

// One metric of a reading against its limit.
struct judged_metric {
  // As in the API's answer: built-in ones and those of checks.
  std::string name;
  std::optional<double> value;
  // The stricter one of the job's limit and what the stable arm allows, where both are judged; the
  // hard limit where it is past that.
  double limit = 0.0;
  verdict outcome = verdict::pass;
  // The stable arm's value, where the canary is held against it.
  std::optional<double> stable = std::nullopt;
  // Judged and recorded without effect.
  bool dry_run = false;
  // It is past the job's hard limit.
  bool past_hard_limit = false;
  // Present where evidence decides; then a breach rolls back whatever the failure limit.
  std::optional<test_evidence> evidence = std::nullopt;
  // Its absence is no lack of data, and nothing waits for it to be proven.
  bool optional = false;
  // On which side of the limit it breaches. Absent in what a former version has stored:
  // job::worse_of tells it then.
  std::optional<job::worse_side> worse = std::nullopt;

  bool operator==(const judged_metric&) const = default;
};
BOOST_DESCRIBE_STRUCT(judged_metric, (),
                      (name, value, limit, outcome, stable, dry_run, past_hard_limit, evidence,
                       optional, worse))

struct reading {
  wall_time at;
  verdict outcome = verdict::no_data;
  // Of all it was judged by: merged too where the arms came from different places.
  metrics_source source = metrics_source::primary;
  // What was asked for, in whole units of the API's window.
  duration window{};
  std::optional<std::int64_t> conversations;
  // Every judged metric, whatever the verdict; empty where the canary's own metrics failed.
  std::vector<judged_metric> metrics;
  // Why the poll failed, or what there is too little of; empty for a pass and a breach.
  std::string problem;

  bool operator==(const reading&) const = default;
};
BOOST_DESCRIBE_STRUCT(reading, (), (at, outcome, source, window, conversations, metrics, problem))

// The values of a reading, each once, as they are told to the API.
metrics_sample sample_of(const reading& taken);

}  // namespace canaryd::judge
