// Watching a share of the traffic: when readings fall due, what they add up to, and how a hold ends
// (SPEC section 3, "readings", "counters", "the end of a hold").
#include "canaryd/core/duration_text.hpp"
#include "canaryd/core/judge.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <iterator>
#include <utility>

namespace canaryd::core {
namespace {

duration stretched(duration interval, double stretch) {
  return duration{static_cast<duration::rep>(static_cast<double>(interval.count()) * stretch)};
}

// The longest window that is asked for (SPEC section 3.1).
constexpr duration longest_window = std::chrono::hours{24};

bool is_sequential(const job& spec) {
  return spec.analysis.method == judging_method::sequential;
}

// The sequential method counts whole units, so its readings fall due at the end of one.
instant aligned(const job& spec, const hold_progress& hold, instant due, duration unit) {
  if (!is_sequential(spec) || due == instant::max())
    return due;
  const auto since = std::max(due - hold.counted_from, duration::zero());
  return hold.counted_from + unit * ((since + unit - duration{1}) / unit);
}

// When the watching ends at the latest: with the hold, or with what it may be extended by.
instant last_due(const canary& self) {
  if (self.hold.paused_since)
    return instant::max();
  return self.hold.extended ? self.hold.ends + self.extension_left : self.hold.ends;
}

// Keeps to the rhythm after a late reading: of those that were missed meanwhile only the newest is
// made up for, and only within half an interval.
instant next_in_rhythm(instant due, duration interval, instant now) {
  const auto late = now - (due + interval);
  if (late < interval / 2)
    return due + interval;
  return due + interval * (2 + (late - interval / 2) / interval);
}

// When a pause or a gate has lasted too long.
instant end_of_pause(const turn& t) {
  const auto& since = t.self.hold.paused_since;
  return since ? *since + t.spec.gate_timeout : instant::max();
}

void set_due(turn& t, instant due) {
  t.self.hold.next_due = aligned(t.spec, t.self.hold, due, t.at.window_unit);
}

// The next window would be too long: conversations are counted from the newest reading on.
void keep_window_short(turn& t, instant counted_until) {
  auto& hold = t.self.hold;
  if (!t.self.gathered || hold.next_due - hold.counted_from <= longest_window)
    return;
  hold.counted_from = counted_until;
  begin_counting(*t.self.gathered);
  set_due(t, hold.next_due);
}

void schedule_next(turn& t) {
  auto& hold = t.self.hold;
  const auto interval = stretched(t.spec.validation_interval, t.at.stretch);
  const auto next = next_in_rhythm(hold.next_due, interval, t.at.now);
  // The last reading is taken whatever happens, and decides.
  const auto last = last_due(t.self);
  set_due(t, std::min(hold.next_due < last ? std::min(next, last) : next, end_of_pause(t)));
}

// Nobody looked for longer than one interval, `taken` being what the look itself may have taken.
void tell_of_gap(turn& t, duration taken) {
  const auto interval = stretched(t.spec.validation_interval, t.at.stretch);
  const auto late = t.at.now - t.self.hold.next_due;
  if (late > interval + taken) {
    t.tell(severity::warning, topic::unwatched,
           "the canary was not watched for " + format_duration(late));
  }
}

bool is_of(const reading& taken, const std::string& metric) {
  return std::ranges::any_of(taken.metrics, [&](const judged_metric& each) {
    return each.name == metric && counts_as_breach(each);
  });
}

// A metric with a failure limit of its own is counted apart from all the others.
void count_breaches(turn& t, const reading& taken) {
  auto& hold = t.self.hold;
  const auto& own = t.spec.analysis.failure_limits;
  hold.own_breaches.resize(own.size());
  for (std::size_t i = 0; i < own.size(); ++i)
    hold.own_breaches[i] = is_of(taken, own[i].first) ? hold.own_breaches[i] + 1 : 0;
  const bool others = std::ranges::any_of(taken.metrics, [&](const judged_metric& each) {
    return counts_as_breach(each) &&
           std::ranges::find(own, each.name, &std::pair<std::string, std::int32_t>::first) ==
               own.end();
  });
  hold.breaches = others ? hold.breaches + 1 : 0;
}

void count(turn& t, const reading& taken) {
  auto& hold = t.self.hold;
  auto& total = t.self.readings;
  switch (taken.outcome) {
    case verdict::pass:
      ++total.pass;
      count_breaches(t, taken);
      hold.no_data = hold.provider_errors = 0;
      hold.troubled = false;
      return;
    case verdict::breach:
      ++total.breach;
      count_breaches(t, taken);
      hold.no_data = hold.provider_errors = 0;
      hold.troubled = true;
      return;
    case verdict::no_data:
      ++total.no_data;
      ++hold.no_data;
      return;
    case verdict::provider_error:
      ++total.provider_error;
      ++hold.provider_errors;
      hold.troubled = true;
      return;
  }
}

std::string breached_metrics(const reading& taken) {
  std::string text;
  for (const auto& metric : taken.metrics) {
    if (!counts_as_breach(metric))
      continue;
    text += fmt::format("{}{} {:.6g} against {:.6g}", text.empty() ? "" : ", ", metric.name,
                        *metric.value, metric.limit);
    if (metric.past_hard_limit)
      text += ", past its hard limit";
    if (const auto& shown = metric.evidence)
      text += fmt::format(", evidence {:.4g} of {:.4g}", shown->against, shown->needed);
  }
  return text;
}

bool is_past_a_failure_limit(const turn& t) {
  const auto& hold = t.self.hold;
  if (hold.breaches >= t.spec.failure_limit)
    return true;
  const auto& own = t.spec.analysis.failure_limits;
  for (std::size_t i = 0; i < hold.own_breaches.size() && i < own.size(); ++i) {
    if (hold.own_breaches[i] >= own[i].second)
      return true;
  }
  return false;
}

// Why the newest reading rolls the canary back; nothing where it does not.
std::optional<reason> verdict_against(const turn& t) {
  const auto& newest = *t.self.newest;
  if (newest.outcome != verdict::breach)
    return std::nullopt;
  if (is_past_hard_limit(newest))
    return reason::hard_limit;
  if (is_rejected(newest) || is_past_a_failure_limit(t))
    return reason::threshold_breach;
  return std::nullopt;
}

// True where the newest reading used up what the job tolerates of its kind.
bool rolled_back_for_reading(turn& t) {
  const auto& hold = t.self.hold;
  if (const auto why = verdict_against(t)) {
    begin_rollback(t, *why, breached_metrics(*t.self.newest));
    return true;
  }
  if (hold.provider_errors >= t.spec.provider_error_limit) {
    begin_rollback(t, reason::provider_unavailable,
                   fmt::format("{} polls in a row failed, the last with: {}", hold.provider_errors,
                               t.self.newest->problem));
    return true;
  }
  return false;
}

// True where no_data_limit, reached before the end of the hold, rolled the canary back.
bool rolled_back_for_no_data(turn& t) {
  const auto& hold = t.self.hold;
  if (t.spec.no_data_limit == 0 || t.self.newest->outcome != verdict::no_data ||
      hold.no_data < t.spec.no_data_limit)
    return false;
  const auto text = fmt::format("{} readings in a row without data", hold.no_data);
  if (t.spec.on_inconclusive == inconclusive_rule::rollback) {
    begin_rollback(t, reason::inconclusive, text);
    return true;
  }
  if (hold.no_data == t.spec.no_data_limit)
    t.tell(severity::warning, topic::inconclusive, text);
  return false;
}

bool may_promote_without_data(const turn& t) {
  return t.spec.on_inconclusive == inconclusive_rule::promote && !has_next_step(t) &&
         t.self.newest->outcome == verdict::no_data && !t.self.hold.troubled;
}

void extend(turn& t) {
  auto& hold = t.self.hold;
  if (hold.next_due >= hold.ends + t.self.extension_left) {
    return begin_rollback(t, reason::inconclusive,
                          "no passing reading until the end of max_extension");
  }
  if (!hold.extended) {
    hold.extended = true;
    t.record(audit_action::canary_extended, audit_status::success);
    t.tell(severity::warning, topic::inconclusive,
           fmt::format("the hold ended without a passing newest reading ({}): reading on",
                       to_string(t.self.newest->outcome)));
  }
  schedule_next(t);
}

void leave_hold(turn& t, reason why) {
  auto& hold = t.self.hold;
  if (hold.extended)
    t.self.extension_left -= std::min(t.self.extension_left, t.at.now - hold.ends);
  hold.extended = false;
  schedule_next(t);
  if (is_gated(t))
    wait_at_gate(t);
  else
    go_on(t, why);
}

// The end of the hold moves on with the readings, so that nothing of max_extension is used up.
void put_off_end(turn& t) {
  auto& hold = t.self.hold;
  const auto due = hold.next_due;
  set_due(t, next_in_rhythm(due, stretched(t.spec.validation_interval, t.at.stretch), t.at.now));
  hold.ends += hold.next_due - due;
}

std::string what_took_too_long(const turn& t) {
  if (t.self.state == canary_state::paused)
    return "and not resumed";
  return t.self.hold.approved ? "and no reading passed after the approval" : "and not approved";
}

// True where no operator has come in time.
bool rolled_back_for_pause(turn& t) {
  if (t.at.now < end_of_pause(t))
    return false;
  begin_rollback(
      t, reason::gate_timeout,
      fmt::format("{} for {}, {}", t.self.state == canary_state::paused ? "paused" : "at a gate",
                  format_duration(t.spec.gate_timeout), what_took_too_long(t)));
  return true;
}

bool is_enough_to_go_on(const turn& t) {
  if (has_next_step(t) || t.spec.analysis.promote_when == promotion_rule::not_worse)
    return is_passing(t.self);
  return is_proven(*t.self.newest);
}

bool ends_early(const turn& t) {
  return t.spec.analysis.promote_early && !t.self.hold.paused_since && !t.at.cannot_conclude &&
         is_proven(*t.self.newest);
}

void end_hold(turn& t) {
  if (is_enough_to_go_on(t))
    return leave_hold(t, reason::passed);
  if (t.spec.on_inconclusive == inconclusive_rule::rollback)
    return begin_rollback(t, reason::inconclusive, "the hold ended without a passing reading");
  if (may_promote_without_data(t))
    return leave_hold(t, reason::inconclusive);
  extend(t);
}

// What a reading that does not roll it back leads to.
void go_on_watching(turn& t, const poll_answered& answer, bool is_last) {
  auto& self = t.self;
  // The hold has been decided already, and what came of it is under way.
  if (self.state == canary_state::promoting)
    return schedule_next(t);
  const bool refused = !answer.outcome && is_refusal(answer.outcome.error());
  self.status_wanted |= refused || self.newest->outcome == verdict::no_data;
  if (self.hold.approved && is_passing(self)) {
    schedule_next(t);
    return open_gate(t);
  }
  if (!self.traffic.under_way) {
    if (is_last)
      return t.at.cannot_conclude ? put_off_end(t) : end_hold(t);
    if (ends_early(t))
      return leave_hold(t, reason::proven_early);
  }
  if (!rolled_back_for_pause(t) && !rolled_back_for_no_data(t))
    schedule_next(t);
}

}  // namespace

instant following_due(const job& spec, const canary& current, double stretch, duration unit,
                      instant now) {
  const auto interval = stretched(spec.validation_interval, stretch);
  const auto due = current.hold.next_due;
  const auto last = last_due(current);
  const auto following = aligned(
      spec, current.hold, due < last ? std::min(due + interval, last) : due + interval, unit);
  return now - due > (following - due) / 2 ? now + interval / 2 : following;
}

duration poll_window(const job& spec, const canary& current, duration unit) {
  const auto elapsed = std::max(current.hold.next_due - current.hold.since, duration{1});
  const auto whole = unit * ((elapsed + unit - duration{1}) / unit);
  return std::min<duration>(spec.window, whole);
}

void begin_hold(turn& t) {
  auto& self = t.self;
  self.state = canary_state::observing;
  self.attempts = 0;
  // What a traffic change does not reset.
  self.hold = {.step = self.hold.step,
               .provider_errors = self.hold.provider_errors,
               .troubled = self.hold.troubled};
  self.hold.since = t.at.now;
  self.hold.counted_from = t.at.now;
  if (is_sequential(t.spec)) {
    self.gathered = self.gathered.value_or(evidence{});
    begin_counting(*self.gathered);
  }
  self.hold.ends = t.at.now + t.spec.steps[static_cast<std::size_t>(self.hold.step)].hold;
  set_due(t,
          std::min(t.at.now + stretched(t.spec.validation_interval, t.at.stretch), self.hold.ends));
}

void begin_next_hold(turn& t) {
  auto& hold = t.self.hold;
  ++hold.step;
  const auto paused_since = hold.paused_since;
  begin_hold(t);
  if (paused_since) {
    pause_hold(t);
    hold.paused_since = paused_since;
  }
}

void on_poll(turn& t, const poll_answered& answer) {
  auto& self = t.self;
  const bool is_last = !self.hold.paused_since && self.hold.next_due >= self.hold.ends;
  const auto counted_until =
      answer.outcome ? self.hold.counted_from + answer.window : self.hold.next_due;
  tell_of_gap(t, stretched(t.spec.validation_interval, t.at.stretch));
  auto judged =
      judge(t.spec, self.gathered, {answer.outcome, answer.stable, answer.window, t.at.wall});
  self.newest = std::move(judged.taken);
  std::ranges::move(judged.notes, std::back_inserter(t.notes));
  count(t, *self.newest);
  if (!rolled_back_for_reading(t))
    go_on_watching(t, answer, is_last);
  keep_window_short(t, counted_until);
}

void stop_clock(turn& t) {
  auto& hold = t.self.hold;
  hold.paused_since = t.at.now;
  hold.left = hold.ends - t.at.now;
  set_due(t, std::min(hold.next_due, end_of_pause(t)));
}

void pause_hold(turn& t) {
  t.self.state = canary_state::paused;
  withhold_traffic_change(t);
  stop_clock(t);
}

void resume_hold(turn& t) {
  auto& hold = t.self.hold;
  t.self.state = canary_state::observing;
  hold.ends = t.at.now + hold.left;
  hold.paused_since.reset();
  hold.left = {};
  // What may have happened to the deployment meanwhile is looked at now.
  t.self.status_wanted = true;
  set_due(t, std::min(hold.next_due, std::max(last_due(t.self), t.at.now)));
}

void on_watched_status(turn& t, const result<deployment>& found) {
  t.self.status_wanted = false;
  if (!found) {
    t.tell(severity::warning, topic::provider,
           "the deployment's status could not be read: " + found.error().text);
    return;
  }
  if (!is_live(*found))
    end_as_changed(t, fate_of(*found));
}

void resume_watch(turn& t) {
  auto& hold = t.self.hold;
  t.self.status_wanted = is_holding(t.self);
  if (hold.next_due >= t.at.now)
    return;
  tell_of_gap(t, {});
  // Overdue readings of many canaries are spread over one interval, not taken in a burst.
  const auto spread = t.at.now + stretched(t.spec.validation_interval, t.at.random);
  const auto last = last_due(t.self);
  set_due(t, std::min(t.at.now < last ? std::min(spread, last) : spread,
                      std::max(end_of_pause(t), t.at.now)));
  // What was not counted while nobody looked is left out.
  keep_window_short(t, t.at.now);
}

}  // namespace canaryd::core
