// One metric against its limit, the stable arm and its hard limit.
#include "judge_metric.hpp"

#include <algorithm>
#include <utility>

namespace canaryd::judge {
namespace {

// How much lower than the stable arm's mean score the canary's may be.
constexpr double tolerated_score_gap = 0.5;

struct question {
  std::string_view name;
  // Empty for a check, which is judged by the threshold rule.
  std::optional<job::metric_kind> kind;
  std::optional<text::decimal> value;
  job::worse_side worse = job::worse_side::higher;
  double limit = 0.0;
  bool is_held_against_limit = true;
  std::optional<double> hard_limit;
  bool wants_stable = false;
  // The stable arm's value, however few its conversations. Empty if there is none.
  std::optional<text::decimal> stable;
  // The limit that this value sets, and whether the canary is past it.
  double allowance = 0.0;
  bool is_past_allowance = false;
};

bool is_past(const text::decimal& value, double limit, job::worse_side worse) {
  const int order = compare(value, limit);
  return worse == job::worse_side::higher ? order > 0 : order < 0;
}

double stricter(double one, double other, job::worse_side worse) {
  return worse == job::worse_side::higher ? std::min(one, other) : std::max(one, other);
}

// The product stays finite, because JSON has no infinity.
double times(double value, double factor) {
  constexpr double largest = 1e300;
  return std::min(value * factor, largest);
}

class metric_judge {
 public:
  metric_judge(const job::job& spec, const std::optional<evidence>& gathered, const arms& both)
      : spec_{spec},
        gathered_{gathered},
        both_{both},
        has_stable_{has_stable_data(spec, gathered, both)} {}

  judged_metric built_in(const job::built_in_metric& metric) {
    auto asked = ask(metric);
    if (asked.stable)
      allow_for_stable(asked);
    return answer(asked, evidence_of(metric.kind));
  }

  judged_metric further(const job::metric_check& check) {
    const auto& told = both_.canary.further;
    const auto found =
        std::ranges::find(told, check.metric, &std::pair<std::string, text::decimal>::first);
    question asked;
    asked.name = check.metric;
    asked.worse = job::worse_of(check);
    asked.limit = check.limit;
    if (found != told.end())
      asked.value = found->second;
    return answer(asked, std::nullopt);
  }

  // A metric with effect is past its limit, however few the conversations.
  bool shows_harm() const { return shows_harm_; }

 private:
  double ratio() const { return spec_.analysis.tolerated_ratio; }

  // Whether the value is past the allowance after that was rounded to a double. A value that an
  // answer writes for 1 / 300 may be a little more than a 300th.
  static bool is_past_rounded(const question& asked) {
    return asked.value && is_past(*asked.value, asked.allowance, asked.worse);
  }

  question ask(const job::built_in_metric& metric) const {
    question asked;
    asked.name = metric.name;
    asked.kind = metric.kind;
    asked.value = value_of(both_.canary, metric);
    asked.worse = metric.worse;
    asked.limit = limit_of(spec_.rollback_thresholds, metric);
    asked.is_held_against_limit = compares_with_limits(spec_);
    asked.hard_limit = limit_of(spec_.analysis.hard, metric);
    asked.wants_stable = compares_with_stable(spec_);
    if (both_.stable != nullptr && both_.stable->conversation_count.value_or(0) > 0)
      asked.stable = value_of(*both_.stable, metric);
    return asked;
  }

  std::optional<test_evidence> evidence_of(job::metric_kind kind) const {
    if (gathered_ && kind == job::metric_kind::share)
      return error_evidence(spec_, *gathered_, both_);
    if (gathered_ && kind == job::metric_kind::score)
      return score_evidence(spec_, *gathered_, both_);
    return std::nullopt;
  }

  // Sets what the stable arm's value allows. Requires that there is one.
  void allow_for_stable(question& asked) const {
    if (asked.kind == job::metric_kind::score)
      allow_gap(asked);
    else if (asked.kind == job::metric_kind::share && stable_has_none(asked))
      allow_one(asked);
    else
      allow_multiple(asked);
  }

  void allow_gap(question& asked) const {
    asked.allowance = *asked.stable - tolerated_score_gap;
    asked.is_past_allowance =
        asked.value && compare_with_gap(*asked.value, tolerated_score_gap, *asked.stable) < 0;
  }

  void allow_multiple(question& asked) const {
    asked.allowance = times(*asked.stable, ratio());
    asked.is_past_allowance =
        asked.value && compare_with_product(*asked.value, ratio(), *asked.stable) > 0;
  }

  double stable_count() const { return static_cast<double>(*both_.stable->conversation_count); }

  bool stable_has_none(const question& asked) const {
    return compare_with_product(1.0, stable_count(), *asked.stable) > 0;
  }

  // A stable arm without errors is taken to have one.
  void allow_one(question& asked) const {
    asked.allowance = times(1.0 / stable_count(), ratio());
    asked.is_past_allowance =
        is_past_rounded(asked) && compare_with_product(ratio(), stable_count(), *asked.value) < 0;
  }

  bool has_enough_for_hard_limits() const {
    const auto count = both_.canary.conversation_count.value_or(0);
    return count > 0 && count >= spec_.min_conversations;
  }

  // The stable arm has enough conversations to tell what it allows.
  bool has_allowance(const question& asked) const { return has_stable_ && asked.stable; }

  judged_metric answer(const question& asked, std::optional<test_evidence> evidence) {
    judged_metric judged;
    judged.name = asked.name;
    judged.worse = asked.worse;
    judged.value = asked.value;
    if (has_stable_)
      judged.stable = asked.stable;
    judged.dry_run = is_dry_run(spec_, asked.name);
    judged.optional = is_optional(spec_, asked.name);
    judged.evidence = evidence;
    judged.limit = effective_limit(asked);
    judged.outcome = outcome_of(asked, judged);
    if (asked.value && asked.hard_limit && has_enough_for_hard_limits() &&
        is_past(*asked.value, *asked.hard_limit, asked.worse)) {
      judged.past_hard_limit = true;
      judged.limit = *asked.hard_limit;
      judged.outcome = verdict::breach;
    }
    shows_harm_ |= !judged.dry_run && (judged.outcome == verdict::breach || is_past_any(asked));
    return judged;
  }

  // The limit that is shown. It is the job's own limit if the stable arm has no data.
  double effective_limit(const question& asked) const {
    if (!has_allowance(asked))
      return asked.limit;
    if (!asked.is_held_against_limit)
      return asked.allowance;
    return stricter(asked.limit, asked.allowance, asked.worse);
  }

  verdict outcome_of(const question& asked, const judged_metric& judged) const {
    if (!asked.value)
      return verdict::no_data;
    const bool is_tested = judged.evidence.has_value();
    if (is_tested && judged.evidence->against >= judged.evidence->needed)
      return verdict::breach;
    if (breaches(asked, is_tested))
      return verdict::breach;
    return asked.wants_stable && !has_allowance(asked) ? verdict::no_data : verdict::pass;
  }

  // Applies the threshold rule where no test replaces it. The tests of a share replace the whole
  // rule. The test of scores replaces only the limit, not the comparison with the stable arm.
  bool breaches(const question& asked, bool is_tested) const {
    if (is_tested && asked.kind == job::metric_kind::share)
      return false;
    return (!is_tested && is_past_limit(asked)) ||
           (has_allowance(asked) && asked.is_past_allowance);
  }

  static bool is_past_limit(const question& asked) {
    return asked.value && asked.is_held_against_limit &&
           is_past(*asked.value, asked.limit, asked.worse);
  }

  static bool is_past_any(const question& asked) {
    return is_past_limit(asked) ||
           (asked.value && asked.hard_limit &&
            is_past(*asked.value, *asked.hard_limit, asked.worse)) ||
           asked.is_past_allowance;
  }

  const job::job& spec_;
  const std::optional<evidence>& gathered_;
  const arms& both_;
  bool has_stable_;
  bool shows_harm_ = false;
};

}  // namespace

bool has_stable_data(const job::job& spec, const std::optional<evidence>& gathered,
                     const arms& both) {
  if (both.stable == nullptr)
    return false;
  const auto now = both.stable->conversation_count.value_or(0);
  const auto enough = gathered ? gathered->stable_total : now;
  return now > 0 && enough >= spec.min_conversations;
}

std::vector<judged_metric> judge_metrics(const job::job& spec,
                                         const std::optional<evidence>& gathered, const arms& both,
                                         bool& shows_harm) {
  metric_judge judge{spec, gathered, both};
  std::vector<judged_metric> judged;
  judged.reserve(job::built_in_metrics.size() + spec.analysis.checks.size());
  for (const auto& metric : job::built_in_metrics)
    judged.push_back(judge.built_in(metric));
  for (const auto& check : spec.analysis.checks)
    judged.push_back(judge.further(check));
  shows_harm = judge.shows_harm();
  return judged;
}

}  // namespace canaryd::judge
