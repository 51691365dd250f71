#include "job_lint_analysis.hpp"

#include "canaryd/job/metric_table.hpp"
#include "canaryd/job/poll_demand.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace canaryd::job {
namespace {

constexpr auto error_rate = built_in(metric_id::error_rate).name;
constexpr auto satisfaction = built_in(metric_id::satisfaction_score).name;

class analysis_linter {
 public:
  analysis_linter(const job& read, const boost::json::object& file)
      : job_{read}, rules_{read.analysis}, file_{file} {
    if (const auto* own = file.if_contains("analysis"))
      own_ = own->as_object();
  }

  void look_at_keys_without_effect();
  void look_at_hard_limits();
  void look_at_failure_limits();
  void look_at_dry_run();
  void look_at_optional();
  void look_at_the_stable_arm();
  void look_at_the_ends_of_the_scale();
  void look_at_what_is_to_be_proven();

  text::problem_list take() { return std::move(warnings_); }

 private:
  // The operator wrote this key of `analysis`; it is not a default.
  bool says(std::string_view key) const { return own_.contains(key); }
  bool runs_dry(std::string_view metric) const { return is_dry_run(job_, metric); }
  // Nothing waits for proof of the metric.
  bool is_left_out(std::string_view metric) const {
    return runs_dry(metric) || is_optional(job_, metric);
  }
  void warn(std::string_view key, std::string message) {
    warnings_.push_back(
        {.pointer = "/analysis/" + std::string{key}, .message = std::move(message)});
  }
  void look_at_hard_limit(const built_in_metric& metric, double hard);
  void look_at_what_can_never_be_proven(std::string_view key);

  const job& job_;
  const analysis_rules& rules_;
  const boost::json::object& file_;
  boost::json::object own_;
  text::problem_list warnings_;
};

void analysis_linter::look_at_keys_without_effect() {
  if (says("alpha") && !is_sequential(job_))
    warn("alpha", "has no effect: method is threshold");
  if (says("tolerated_ratio") && !compares_with_stable(job_))
    warn("tolerated_ratio", "has no effect: compare_to is limit");
  if (file_.contains("window_minutes") && is_sequential(job_))
    warnings_.push_back({.pointer = "/window_minutes",
                         .message = "has no effect: the sequential method counts all "
                                    "conversations since the deploy or traffic change"});
}

void analysis_linter::look_at_hard_limit(const built_in_metric& metric, double hard) {
  const auto place = fmt::format("hard_limits/{}", metric.limit_key);
  const double limit = limit_of(job_.rollback_thresholds, metric);
  const bool is_past_the_limit = metric.worse == worse_side::higher ? hard > limit : hard < limit;
  if (runs_dry(metric.name))
    warn(place, fmt::format("has no effect: {} is in dry_run", metric.name));
  else if (!is_past_the_limit && compares_with_limits(job_))
    warn(place, fmt::format("{} is not past the limit of {} in rollback_thresholds: a single "
                            "reading rolls back before that limit counts",
                            text::shortest_decimal(hard), text::shortest_decimal(limit)));
}

void analysis_linter::look_at_hard_limits() {
  for (const auto& metric : built_in_metrics) {
    if (const auto& hard = limit_of(rules_.hard, metric))
      look_at_hard_limit(metric, *hard);
  }
}

void analysis_linter::look_at_failure_limits() {
  duration longest_hold{};
  for (const auto& step : job_.steps)
    longest_hold = std::max(longest_hold, step.hold);
  const auto most = readings_in(job_, longest_hold);
  for (const auto& [metric, limit] : rules_.failure_limits) {
    const auto place = "failure_limits" + text::child_pointer("", metric);
    if (runs_dry(metric))
      warn(place, fmt::format("has no effect: {} is in dry_run", metric));
    else if (is_sequential(job_) && metric == error_rate)
      warn(place, "has no effect: with the sequential method, evidence decides at once");
    else if (limit > most)
      warn(place, fmt::format("{} breaches in a row do not fit into a hold, which has only {}",
                              limit, text::counted(most, "reading")));
  }
}

void analysis_linter::look_at_dry_run() {
  if (rules_.dry_run.size() == built_in_metrics.size() + rules_.checks.size())
    warn("dry_run", "has every metric: nothing that is measured can roll the canary back");
}

void analysis_linter::look_at_optional() {
  std::size_t with_effect = 0;
  for (std::size_t i = 0; i < rules_.optional.size(); ++i) {
    const auto& metric = rules_.optional[i];
    if (runs_dry(metric))
      warn(fmt::format("optional/{}", i), fmt::format("has no effect: {} is in dry_run", metric));
    else
      ++with_effect;
  }
  const auto judged = built_in_metrics.size() + rules_.checks.size() - rules_.dry_run.size();
  if (with_effect > 0 && with_effect == judged)
    warn("optional",
         "has every metric with effect: a canary passes even if nothing but the number of "
         "conversations is known");
}

void analysis_linter::look_at_the_stable_arm() {
  const auto all_of_it = std::ranges::find(job_.steps, 100.0, &traffic_step::canary_percent);
  if (compares_with_stable(job_) && all_of_it != job_.steps.end())
    warnings_.push_back(
        {.pointer = file_.contains("steps")
                        ? fmt::format("/steps/{}/canary", all_of_it - job_.steps.begin())
                        : "/traffic_matrix/canary",
         .message = "100 % leaves no stable arm to compare the canary with"});
}

void analysis_linter::look_at_the_ends_of_the_scale() {
  constexpr double smallest_alpha = 1e-9;
  constexpr double largest_ratio = 100;
  if (is_sequential(job_) && rules_.alpha < smallest_alpha)
    warn("alpha", fmt::format("{} asks for odds of {:.2g} to 1: so much evidence is hardly ever "
                              "gathered",
                              text::shortest_decimal(rules_.alpha), 1 / rules_.alpha));
  if (compares_with_stable(job_) && rules_.tolerated_ratio > largest_ratio)
    warn("tolerated_ratio", fmt::format("{} times what the stable arm has is hardly ever exceeded",
                                        text::shortest_decimal(rules_.tolerated_ratio)));
}

void analysis_linter::look_at_what_can_never_be_proven(std::string_view key) {
  const auto& limits = job_.rollback_thresholds;
  if (limits.error_rate == 0 && !is_left_out(error_rate))
    warn(key, "an error_rate of 0 in rollback_thresholds can never be proven");
  if (limits.satisfaction_score == 5 && !is_left_out(satisfaction))
    warn(key, "a satisfaction_score of 5 in rollback_thresholds can never be proven");
}

void analysis_linter::look_at_what_is_to_be_proven() {
  const bool must_be = rules_.promote_when == promotion_rule::proven;
  if (!must_be && !rules_.promote_early)
    return;
  const auto* key = must_be ? "promote_when" : "promote_early";
  if (must_be && job_.on_inconclusive == inconclusive_rule::promote)
    warnings_.push_back({.pointer = "/on_inconclusive",
                         .message =
                             "promotes a canary without data although nothing is proven, and "
                             "although promote_when asks for proof"});
  if (is_left_out(error_rate) && (is_left_out(satisfaction) || !compares_with_limits(job_)))
    return warn(key,
                "nothing has to be proven, because dry_run and optional have every metric that is "
                "tested: any passing reading is enough");
  if (compares_with_limits(job_))
    look_at_what_can_never_be_proven(key);
  if (compares_with_stable(job_) && rules_.tolerated_ratio == 1 && !is_left_out(error_rate))
    warn(key,
         "a canary that is as good as the stable arm can hardly be shown to be no worse: a "
         "tolerated_ratio above 1 leaves room for it");
}

}  // namespace

text::problem_list lint_analysis(const job& read, const boost::json::object& file) {
  analysis_linter look{read, file};
  look.look_at_keys_without_effect();
  look.look_at_hard_limits();
  look.look_at_failure_limits();
  look.look_at_dry_run();
  look.look_at_optional();
  look.look_at_the_stable_arm();
  look.look_at_the_ends_of_the_scale();
  look.look_at_what_is_to_be_proven();
  return look.take();
}

}  // namespace canaryd::job
