// The sequential method: what answers add to the evidence, and what its tests make of it.
#include "canaryd/core/bernoulli_test.hpp"
#include "canaryd/core/label_test.hpp"

#include <fmt/format.h>

#include "judge_metric.hpp"
#include <algorithm>
#include <cmath>
#include <limits>

namespace canaryd::core {
namespace {

constexpr double best_score = 5.0;
// Beyond it nobody can tell one e-value from another; they are written as JSON.
constexpr double largest_e_value = 1e300;

bool has_counts(const metrics_sample& answer) {
  return answer.error_rate && answer.conversation_count;
}

bool tests_scores(const job& spec, const evidence& gathered) {
  return judges_limits(spec) && gathered.scores_are_counted.value_or(true);
}

// All tests together may be wrong with a chance of alpha: each has an equal share of it.
double needed_evidence(const job& spec, const evidence& gathered) {
  int tests = 0;
  if (!is_dry_run(spec, "error_rate"))
    tests += (judges_limits(spec) ? 1 : 0) + (judges_against_stable(spec) ? 1 : 0);
  if (!is_dry_run(spec, "satisfaction_score") && tests_scores(spec, gathered))
    ++tests;
  return std::max(tests, 1) / spec.analysis.alpha;
}

double e_value(double logarithm) {
  return std::min(std::exp(logarithm), largest_e_value);
}

std::string threshold_metrics(const job& spec, const evidence& gathered) {
  std::string names{"avg_latency_ms"};
  for (const auto& check : spec.analysis.checks)
    names += ", " + check.metric;
  if (!tests_scores(spec, gathered))
    names = "satisfaction_score, " + names;
  return names;
}

void note_how_scores_are_counted(const job& spec, evidence& gathered, const arms& both,
                                 std::vector<note>& notes) {
  if (gathered.scores_are_counted || !both.canary.satisfaction_score)
    return;
  gathered.scores_are_counted = both.canary.satisfaction_count.has_value();
  notes.push_back({severity::info, topic::evidence,
                   fmt::format("judged by the threshold rule, each with its failure limit: {}",
                               threshold_metrics(spec, gathered))});
}

}  // namespace

std::vector<note> gather(const job& spec, evidence& gathered, const arms& both) {
  std::vector<note> notes;
  note_how_scores_are_counted(spec, gathered, both, notes);
  if (!has_counts(both.canary))
    return notes;
  const auto canary = rebuild_counts(both.canary).counts;
  const bool has_stable = both.stable != nullptr && has_counts(*both.stable);
  const auto stable = has_stable ? rebuild_counts(*both.stable).counts : arm_counts{};
  const bool had_shrunk = gathered.shrunk;
  add_answers(gathered, canary, has_stable ? &stable : nullptr, spec.analysis.tolerated_ratio);
  if (gathered.shrunk && !had_shrunk)
    notes.push_back({severity::warning, topic::evidence,
                     "the answer counts fewer conversations or errors than one before: nothing is "
                     "added until it has caught up"});
  return notes;
}

std::optional<test_evidence> error_evidence(const job& spec, const evidence& gathered,
                                            const arms& both) {
  double against = -std::numeric_limits<double>::infinity();
  double within = std::numeric_limits<double>::infinity();
  const auto& total = gathered.total;
  if (judges_limits(spec)) {
    const auto shown = test_rate(spec.rollback_thresholds.error_rate,
                                 static_cast<double>(total.errors), total.conversations);
    against = std::max(against, shown.above);
    within = std::min(within, shown.below);
  }
  if (judges_against_stable(spec)) {
    against = std::max(against, log_worse(gathered));
    within = std::min(within, log_better(gathered));
  }
  return test_evidence{.against = e_value(against),
                       .within = e_value(within),
                       .needed = needed_evidence(spec, gathered),
                       .trials = total.conversations,
                       .events = static_cast<double>(total.errors),
                       .rounding = rebuild_counts(both.canary).rounding};
}

// Y = 1 - score/5 is within 0..1, so its mean is tested as a rate is. Latencies have no upper
// bound.
std::optional<test_evidence> score_evidence(const job& spec, const evidence& gathered) {
  if (!tests_scores(spec, gathered) || !gathered.scores_are_counted)
    return std::nullopt;
  const auto& total = gathered.total;
  const auto shown = test_rate(1.0 - spec.rollback_thresholds.satisfaction_score / best_score,
                               total.dissatisfaction, total.rated);
  return test_evidence{.against = e_value(shown.above),
                       .within = e_value(shown.below),
                       .needed = needed_evidence(spec, gathered),
                       .trials = total.rated,
                       .events = total.dissatisfaction,
                       .rounding = 0.0};
}

}  // namespace canaryd::core
