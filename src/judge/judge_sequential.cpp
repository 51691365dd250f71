// The sequential method: adds answers to the evidence, and tests it.
#include "canaryd/judge/bernoulli_test.hpp"
#include "canaryd/judge/label_test.hpp"

#include <fmt/format.h>

#include "judge_metric.hpp"
#include <algorithm>
#include <cmath>
#include <limits>

namespace canaryd::judge {
namespace {

// E-values stay finite, because JSON has no infinity.
constexpr double largest_e_value = 1e300;

constexpr auto error_rate = job::built_in(job::metric_id::error_rate).name;
constexpr auto satisfaction = job::built_in(job::metric_id::satisfaction_score).name;

bool tests_scores(const job::job& spec, const evidence& gathered) {
  return compares_with_limits(spec) && gathered.scores_are_counted.value_or(true);
}

// All tests together may be wrong with a probability of alpha, so each gets an equal share of it.
double needed_evidence(const job::job& spec, const evidence& gathered) {
  int tests = 0;
  if (!is_dry_run(spec, error_rate))
    tests += (compares_with_limits(spec) ? 1 : 0) + (compares_with_stable(spec) ? 1 : 0);
  if (!is_dry_run(spec, satisfaction) && tests_scores(spec, gathered))
    ++tests;
  return std::min(std::max(tests, 1) / spec.analysis.alpha, largest_e_value);
}

double e_value(double logarithm) {
  return std::isnan(logarithm) ? 0.0 : std::min(std::exp(logarithm), largest_e_value);
}

std::string threshold_metrics(const job::job& spec, const evidence& gathered) {
  std::string names{job::built_in(job::metric_id::avg_latency_ms).name};
  for (const auto& check : spec.analysis.checks)
    names += ", " + check.metric;
  if (!tests_scores(spec, gathered))
    return fmt::format("{}, {}", satisfaction, names);
  if (compares_with_stable(spec))
    return fmt::format("{} against the stable arm, {}", satisfaction, names);
  return names;
}

}  // namespace

void settle_how_scores_count(const job::job& spec, evidence& gathered, const arms& both,
                             std::vector<note>& notes) {
  if (gathered.scores_are_counted || !both.canary.satisfaction_score)
    return;
  gathered.scores_are_counted = both.canary.satisfaction_count.has_value();
  notes.push_back(
      {severity::info, topic::evidence,
       fmt::format("the threshold rule, with its failure limits, judges these metrics: {}",
                   threshold_metrics(spec, gathered))});
}

bool gather(const job::job& spec, evidence& gathered, const arms& both, std::vector<note>& notes) {
  const auto canary = counts_of(both.canary);
  const bool had_shrunk = gathered.shrunk;
  const bool has_counted = add_canary(gathered, canary);
  if (has_counted && both.stable != nullptr && both.are_of_one_window)
    add_pair(gathered, canary, counts_of(*both.stable), spec.analysis.tolerated_ratio);
  if (gathered.shrunk && !had_shrunk)
    notes.push_back(
        {severity::warning, topic::evidence,
         "an answer counts fewer conversations, errors or scores than an earlier one, or "
         "its scores contradict it: nothing is added until it has caught up"});
  return has_counted;
}

std::optional<test_evidence> error_evidence(const job::job& spec, const evidence& gathered,
                                            const arms& both) {
  double against = -std::numeric_limits<double>::infinity();
  double within = std::numeric_limits<double>::infinity();
  const auto& total = gathered.total;
  if (compares_with_limits(spec)) {
    const auto shown = test_rate(spec.rollback_thresholds.error_rate,
                                 static_cast<double>(total.errors), total.trials);
    against = shown.above;
    within = shown.below;
  }
  if (compares_with_stable(spec)) {
    against = std::max(against, log_worse(gathered));
    within = std::min(within, log_better(gathered));
  }
  return test_evidence{.against = e_value(against),
                       .within = e_value(within),
                       .needed = needed_evidence(spec, gathered),
                       .trials = total.trials,
                       .events = static_cast<double>(total.errors),
                       .rounding = counts_of(both.canary).rounding};
}

// Latencies have no such test, because they have no upper bound. If an answer, such as a
// fallback's, does not count its scores, the threshold rule judges them.
std::optional<test_evidence> score_evidence(const job::job& spec, const evidence& gathered,
                                            const arms& both) {
  if (!tests_scores(spec, gathered) || !both.canary.satisfaction_count)
    return std::nullopt;
  const auto& total = gathered.total;
  const auto shown = test_rate(dissatisfaction_of(spec.rollback_thresholds.satisfaction_score),
                               total.dissatisfaction, total.rated);
  return test_evidence{.against = e_value(shown.above),
                       .within = e_value(shown.below),
                       .needed = needed_evidence(spec, gathered),
                       .trials = total.rated,
                       .events = total.dissatisfaction,
                       .rounding = 0.0};
}

}  // namespace canaryd::judge
