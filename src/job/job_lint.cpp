#include "canaryd/job/job_lint.hpp"

#include "canaryd/job/job_file.hpp"
#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "job_lint_analysis.hpp"
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace canaryd::job {
namespace {

double seconds(duration length) {
  return std::chrono::duration<double>{length}.count();
}

class linter {
 public:
  linter(const job& read, std::string_view bytes) : job_{read} {
    if (auto parsed = text::parse_operator_json(bytes, max_job_file_bytes))
      file_ = std::move(parsed->root.as_object());
    for (const auto& step : read.steps) {
      longest_hold_ = std::max(longest_hold_, step.hold);
      all_holds_ += step.hold;
    }
  }

  void look_at_thresholds();
  void look_at_traffic();
  void look_at_the_window();
  void look_at_the_hold();
  void look_at_conversations();
  void look_at_failure_limits();
  void look_at_the_extension();
  void look_at_gates();
  void look_at_the_budget(const call_budget& budget);

  void look_at_the_analysis();

  text::problem_list take() { return std::move(warnings_); }

 private:
  // The operator wrote this key; it is not a default.
  bool says(std::string_view key) const { return file_.contains(key); }
  void warn(std::string pointer, std::string message) {
    warnings_.push_back({.pointer = std::move(pointer), .message = std::move(message)});
  }
  void look_at_one_limit(std::string_view key, std::int32_t limit, std::string_view of_what);
  // The step has its own hold.
  bool has_own_hold(std::size_t step) const;

  const job& job_;
  boost::json::object file_;
  duration longest_hold_{};
  duration all_holds_{};
  text::problem_list warnings_;
};

void linter::look_at_thresholds() {
  const auto& limits = job_.rollback_thresholds;
  const auto at = [](metric_id id) {
    return fmt::format("/rollback_thresholds/{}", built_in(id).limit_key);
  };
  if (limits.error_rate >= 1)
    warn(at(metric_id::error_rate),
         "1 can never be exceeded: error_rate is a share, so 0.05 means 5 %");
  else if (limits.error_rate > 0.5)
    warn(at(metric_id::error_rate),
         fmt::format("{} lets more than half of the conversations fail: error_rate is a share, so "
                     "0.05 means 5 %",
                     text::shortest_decimal(limits.error_rate)));
  else if (limits.error_rate == 0)
    warn(at(metric_id::error_rate), "0 rolls back at the first failed conversation");
  if (limits.satisfaction_score <= 0)
    warn(at(metric_id::satisfaction_score),
         "a score is never below 0, so this limit has no effect");
  else if (limits.satisfaction_score >= 5)
    warn(at(metric_id::satisfaction_score), "5 rolls back at the first score that is not perfect");
  if (limits.max_latency_ms < 10)
    warn(at(metric_id::avg_latency_ms),
         fmt::format("{} ms is quicker than any answer: did you mean seconds?",
                     text::shortest_decimal(limits.max_latency_ms)));
  else if (limits.max_latency_ms > 60'000)
    warn(at(metric_id::avg_latency_ms),
         fmt::format("{} ms is more than a minute: a mean latency hardly ever exceeds it",
                     text::shortest_decimal(limits.max_latency_ms)));
}

void linter::look_at_traffic() {
  const double share = job_.steps.front().canary_percent;
  if (share > 50)
    warn(says("steps") ? "/steps/0/canary" : "/traffic_matrix/canary",
         fmt::format("{} % is most of the traffic: a canary should begin with a small share",
                     text::shortest_decimal(share)));
}

void linter::look_at_the_window() {
  if (says("window_minutes") && !is_sequential(job_) && job_.window > longest_hold_)
    warn("/window_minutes",
         fmt::format("{} minutes is longer than any window: the longest hold is {}, and a window "
                     "never reaches back before its hold",
                     job_.window.count(), text::format_duration(longest_hold_)));
}

bool linter::has_own_hold(std::size_t step) const {
  const auto* steps = file_.if_contains("steps");
  return steps != nullptr && steps->as_array()[step].as_object().contains("hold");
}

void linter::look_at_the_hold() {
  bool uses_the_duration = false;
  for (std::size_t i = 0; i < job_.steps.size(); ++i) {
    const auto hold = job_.steps[i].hold;
    const bool own = has_own_hold(i);
    // The validation_duration is looked at once, however many steps use it.
    const bool is_new = own || !std::exchange(uses_the_duration, true);
    if (is_new && hold < 2 * job_.validation_interval)
      warn(own ? fmt::format("/steps/{}/hold", i) : "/validation_duration",
           fmt::format("a hold of {} with a reading every {} has only {}",
                       text::format_duration(hold), text::format_duration(job_.validation_interval),
                       text::counted(readings_in(job_, hold), "reading")));
  }
  if (!uses_the_duration && says("validation_duration") && says("max_extension"))
    warn("/validation_duration", "has no effect: every step has its own hold");
}

void linter::look_at_conversations() {
  if (job_.min_conversations == 0) {
    warn("/min_conversations", "0 lets a handful of conversations decide");
    return;
  }
  // Hardly any bot has more conversations than this.
  constexpr double many_a_minute = 1000;
  // A window holds no more than has happened since the last traffic change.
  double fewest = 0;
  for (const auto& step : job_.steps) {
    const double window = is_sequential(job_) ? seconds(step.hold)
                                              : std::min(seconds(step.hold), seconds(job_.window));
    const double a_minute =
        static_cast<double>(job_.min_conversations) * 60 / window * 100 / step.canary_percent;
    fewest = std::max(fewest, a_minute);
  }
  if (fewest > many_a_minute)
    warn("/min_conversations",
         fmt::format("{} is hardly ever reached within a hold: if the bot has fewer than {:.0f} "
                     "conversations a minute, its readings are no_data",
                     job_.min_conversations, std::ceil(fewest)));
}

void linter::look_at_one_limit(std::string_view key, std::int32_t limit, std::string_view of_what) {
  const auto most = readings_in(job_, longest_hold_);
  if (limit > most)
    warn(text::child_pointer("", key),
         fmt::format("{} {} in a row take {}, but a hold of {} has only {}", limit, of_what,
                     text::format_duration(limit * job_.validation_interval),
                     text::format_duration(longest_hold_), text::counted(most, "reading")));
}

void linter::look_at_failure_limits() {
  look_at_one_limit("failure_limit", job_.failure_limit, "breaches");
  look_at_one_limit("no_data_limit", job_.no_data_limit, "readings without data");
  const auto watched = all_holds_ + job_.max_extension;
  const auto blind = job_.provider_error_limit * job_.validation_interval;
  if (says("provider_error_limit") && blind > watched)
    warn("/provider_error_limit",
         fmt::format(
             "{} failed polls in a row take {}, but all holds and the extension last only {}",
             job_.provider_error_limit, text::format_duration(blind),
             text::format_duration(watched)));
}

void linter::look_at_the_extension() {
  const bool extends = job_.on_inconclusive != inconclusive_rule::rollback;
  if (extends && job_.max_extension == duration::zero())
    warn("/max_extension",
         job_.on_inconclusive == inconclusive_rule::extend
             ? "0 leaves no time for on_inconclusive extend: this is the same as rollback"
             : "0 leaves no time to extend a hold to which promote does not apply");
  else if (extends && job_.max_extension < job_.validation_interval)
    warn("/max_extension", fmt::format("{} is shorter than validation_interval ({}): no reading "
                                       "fits into it",
                                       text::format_duration(job_.max_extension),
                                       text::format_duration(job_.validation_interval)));
  if (!extends && says("max_extension") && job_.max_extension > duration::zero())
    warn("/max_extension", "has no effect: on_inconclusive is rollback");
}

void linter::look_at_gates() {
  const bool has_gate =
      job_.approve_promotion || std::ranges::any_of(job_.steps, &traffic_step::approve);
  if (has_gate && job_.gate_timeout < job_.validation_interval)
    warn(
        "/gate_timeout",
        fmt::format("{} is shorter than validation_interval ({}): a gate times out before it has a "
                    "reading of its own",
                    text::format_duration(job_.gate_timeout),
                    text::format_duration(job_.validation_interval)));
  if (job_.approve_promotion && job_.on_inconclusive == inconclusive_rule::promote)
    warn("/on_inconclusive",
         "never promotes without data: the gate of approve_promotion opens only with a passing "
         "reading");
}

void linter::look_at_the_budget(const call_budget& budget) {
  const double asked = polls_asked_for(job_, budget);
  if (asked > static_cast<double>(budget.requests))
    warn("/validation_interval",
         fmt::format("a reading every {} takes {:.0f} polls in {}, but the rate budget "
                     "({}.rate_limit) has only {}: the intervals will be stretched",
                     text::format_duration(job_.validation_interval), asked,
                     text::format_duration(budget.per), place_of_platform(job_.platform),
                     budget.requests));
}

void linter::look_at_the_analysis() {
  for (auto& warning : lint_analysis(job_, file_))
    warnings_.push_back(std::move(warning));
}

}  // namespace

text::problem_list lint_job(const job& read, std::string_view bytes, const call_budget& budget) {
  linter look{read, bytes};
  look.look_at_thresholds();
  look.look_at_traffic();
  look.look_at_the_window();
  look.look_at_the_hold();
  look.look_at_conversations();
  look.look_at_failure_limits();
  look.look_at_the_extension();
  look.look_at_gates();
  look.look_at_the_budget(budget);
  look.look_at_the_analysis();
  auto warnings = look.take();
  locate(warnings, bytes);
  return warnings;
}

}  // namespace canaryd::job
