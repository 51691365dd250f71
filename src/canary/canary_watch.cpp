// Watching a share of the traffic: what readings add up to and what they lead to
// (reference: "Counters").
#include "canaryd/judge/judge.hpp"
#include "canaryd/judge/odds_text.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <iterator>
#include <utility>

namespace canaryd::canary {
namespace {

// The next value of a counter of some metrics' breaches, after a reading that is a pass or a breach
// as a whole. If one of these metrics is missing beside another metric's breach, the counter stays.
template <class Rule>
std::int32_t counted(std::int32_t before, const judge::reading& taken, Rule is_one_of_them) {
  bool is_missing = false;
  for (const auto& metric : taken.metrics) {
    if (!is_one_of_them(metric))
      continue;
    if (counts_as_breach(metric))
      return before + 1;
    is_missing |= metric.outcome == judge::verdict::no_data && !is_excused(metric);
  }
  return is_missing ? before : 0;
}

// A metric with its own failure limit is counted apart from all others.
void count_breaches(turn& t, const judge::reading& taken) {
  auto& hold = t.self.hold;
  const auto& own = t.spec.analysis.failure_limits;
  hold.own_breaches.resize(own.size());
  for (std::size_t i = 0; i < own.size(); ++i)
    hold.own_breaches[i] =
        counted(hold.own_breaches[i], taken,
                [&](const judge::judged_metric& each) { return each.name == own[i].first; });
  hold.breaches = counted(hold.breaches, taken, [&](const judge::judged_metric& each) {
    return std::ranges::find(own, each.name, &std::pair<std::string, std::int32_t>::first) ==
           own.end();
  });
}

void count(turn& t, const judge::reading& taken, bool shows_harm) {
  auto& hold = t.self.hold;
  auto& total = t.self.readings;
  switch (taken.outcome) {
    case judge::verdict::pass:
      ++total.pass;
      count_breaches(t, taken);
      hold.no_data = hold.provider_errors = 0;
      hold.troubled = false;
      return;
    case judge::verdict::breach:
      ++total.breach;
      count_breaches(t, taken);
      hold.no_data = hold.provider_errors = 0;
      hold.troubled = true;
      return;
    case judge::verdict::no_data:
      ++total.no_data;
      ++hold.no_data;
      hold.troubled |= shows_harm;
      return;
    case judge::verdict::provider_error:
      ++total.provider_error;
      ++hold.provider_errors;
      hold.troubled = true;
      return;
  }
}

// A value that is past its limit only by digits that no double holds is shown as "just past" it.
std::string against_limit(const judge::judged_metric& metric) {
  const double value = *metric.value;
  const auto* which = metric.past_hard_limit ? "hard limit" : "limit";
  // Evidence gathered before may reject a rate that has come back to its limit.
  if (value == metric.limit && !metric.evidence)
    return fmt::format("is just past its {} of {}", which, text::shortest_decimal(metric.limit));
  return fmt::format("is {}, and its {} is {}", text::short_decimal(value, metric.limit), which,
                     text::short_decimal(metric.limit, value));
}

std::string breached_metrics(const judge::reading& taken) {
  std::string text;
  for (const auto& metric : taken.metrics) {
    if (!counts_as_breach(metric))
      continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", metric.name, against_limit(metric));
    if (const auto& shown = metric.evidence)
      text += fmt::format(" (the odds against it are {})",
                          judge::long_odds_text(shown->against, shown->needed));
  }
  return text;
}

bool is_past_a_failure_limit(const turn& t) {
  const auto& hold = t.self.hold;
  if (hold.breaches >= t.spec.failure_limit)
    return true;
  const auto& own = t.spec.analysis.failure_limits;
  for (std::size_t i = 0; i < hold.own_breaches.size() && i < own.size(); ++i) {
    if (hold.own_breaches[i] > 0 && hold.own_breaches[i] >= own[i].second)
      return true;
  }
  return false;
}

// The reason for which the newest reading rolls the canary back. Empty if it does not.
std::optional<reason> verdict_against(const turn& t) {
  const auto& newest = *t.self.newest;
  if (newest.outcome != judge::verdict::breach)
    return std::nullopt;
  if (is_past_hard_limit(newest))
    return reason::hard_limit;
  if (is_rejected(newest) || is_past_a_failure_limit(t))
    return reason::threshold_breach;
  return std::nullopt;
}

// Rolls the canary back if the newest reading is one more of its kind than the job tolerates.
// Returns true if it did.
bool rolled_back_for_reading(turn& t) {
  const auto& hold = t.self.hold;
  if (const auto why = verdict_against(t)) {
    begin_rollback(t, *why, breached_metrics(*t.self.newest));
    return true;
  }
  // A stored limit of 0 is below what a job file may set. Even then, it takes a failed poll.
  if (hold.provider_errors > 0 && hold.provider_errors >= t.spec.provider_error_limit) {
    begin_rollback(t, reason::provider_unavailable,
                   told_of_failures(hold.provider_errors, "poll", t.self.newest->problem));
    return true;
  }
  return false;
}

// Applies no_data_limit before the end of the hold. Returns true if that rolled the canary back.
bool rolled_back_for_no_data(turn& t) {
  const auto& hold = t.self.hold;
  if (t.spec.no_data_limit == 0 || t.self.newest->outcome != judge::verdict::no_data ||
      hold.no_data < t.spec.no_data_limit)
    return false;
  const auto text = in_a_row(hold.no_data, "reading") + " had no data";
  if (t.spec.on_inconclusive == job::inconclusive_rule::rollback) {
    begin_rollback(t, reason::inconclusive, text);
    return true;
  }
  if (hold.no_data == t.spec.no_data_limit)
    t.tell(severity::warning, topic::inconclusive, text);
  return false;
}

std::string_view what_took_too_long(const turn& t) {
  if (state_of(t.self) == canary_state::paused)
    return "the job was not resumed";
  return t.self.hold.approved ? "the gate was approved, but no reading passed"
                              : "the gate was not approved";
}

// Rolls the canary back if a pause or a gate has lasted too long. Returns true if it did.
bool rolled_back_for_pause(turn& t) {
  if (t.at.now < end_of_pause(t))
    return false;
  begin_rollback(t, reason::gate_timeout,
                 fmt::format("{} within gate_timeout ({})", what_took_too_long(t),
                             text::format_duration(t.spec.gate_timeout)));
  return true;
}

// Goes on after a reading that does not roll the canary back.
void go_on_watching(turn& t, const poll_answered& answer, bool is_last) {
  auto& self = t.self;
  // The hold is already decided, and the promote is under way.
  if (t.is_in<phases::promoting>())
    return schedule_next(t);
  auto& watching = t.in<phases::watching>();
  const bool refused = !answer.outcome && is_refusal(answer.outcome.error());
  watching.status_wanted |= refused || self.newest->outcome == judge::verdict::no_data;
  if (is_at_gate(self) && self.hold.approved && may_open_gate(t)) {
    schedule_next(t);
    return open_gate(t);
  }
  if (!watching.change) {
    if (is_last)
      return t.at.cannot_conclude ? put_off_end(t) : end_hold(t);
    if (ends_early(t))
      return leave_hold(t, reason::proven_early);
  }
  if (!rolled_back_for_pause(t) && !rolled_back_for_no_data(t))
    schedule_next(t);
}

}  // namespace

void on_poll(turn& t, const poll_answered& answer) {
  auto& self = t.self;
  t.asked_at = answer.asked_at;
  if (!self.hold.unwatched)
    tell_of_gap(t, stretched_interval(t));
  note_window(t, answer.window);
  // A reading that could only be asked for after the end of the hold is the last one.
  const bool is_last =
      standstill_of(self) == nullptr &&
      std::max(self.hold.next_due, answer.asked_at.value_or(self.hold.next_due)) >= self.hold.ends;
  auto judged = judge::judge(t.spec, self.gathered,
                             {answer.outcome, answer.window, answer.stable, answer.stable_window,
                              t.at.wall, is_whole_window(t, answer.window)});
  self.newest = std::move(judged.taken);
  self.hold.unwatched = false;
  std::ranges::move(judged.notes, std::back_inserter(t.notes));
  if (judged.has_counted)
    self.hold.counted_until = self.hold.counted_from + answer.window;
  count(t, *self.newest, judged.shows_harm);
  if (!rolled_back_for_reading(t))
    go_on_watching(t, answer, is_last);
  keep_window_short(t);
}

void on_watched_status(turn& t, const result<deployment>& found) {
  t.in<phases::watching>().status_wanted = false;
  if (!found) {
    t.tell(severity::warning, topic::provider,
           "the deployment's status could not be read: " + found.error().text);
    return;
  }
  if (!is_live(*found))
    end_as_changed(t, status_of(*found));
}

void resume_watch(turn& t) {
  if (t.self.hold.next_due >= t.at.now)
    return;
  tell_of_gap(t, {});
  spread_overdue(t);
}

}  // namespace canaryd::canary
