// Watching a share of the traffic: when readings fall due, what they add up to, and how a hold ends
// (SPEC section 3, "readings", "counters", "the end of a hold").
#include "canaryd/core/duration_text.hpp"
#include "canaryd/core/judge.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>

namespace canaryd::core {
namespace {

duration stretched(duration interval, double stretch) {
  return duration{static_cast<duration::rep>(static_cast<double>(interval.count()) * stretch)};
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

// When a pause has lasted too long.
instant end_of_pause(const turn& t) {
  const auto& since = t.self.hold.paused_since;
  return since ? *since + t.spec.gate_timeout : instant::max();
}

void schedule_next(turn& t) {
  auto& hold = t.self.hold;
  const auto interval = stretched(t.spec.validation_interval, t.at.stretch);
  const auto next = next_in_rhythm(hold.next_due, interval, t.at.now);
  // The last reading is taken whatever happens, and decides.
  const auto last = last_due(t.self);
  hold.next_due = std::min(hold.next_due < last ? std::min(next, last) : next, end_of_pause(t));
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

void count(turn& t, const reading& taken) {
  auto& hold = t.self.hold;
  auto& total = t.self.readings;
  switch (taken.outcome) {
    case verdict::pass:
      ++total.pass;
      hold.breaches = hold.no_data = hold.provider_errors = 0;
      hold.troubled = false;
      return;
    case verdict::breach:
      ++total.breach;
      ++hold.breaches;
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
    if (metric.outcome == verdict::breach) {
      text += fmt::format("{}{} {:.6g} against {:.6g}", text.empty() ? "" : ", ", metric.name,
                          *metric.value, metric.limit);
    }
  }
  return text;
}

// True where the newest reading used up what the job tolerates of its kind.
bool rolled_back_for_reading(turn& t) {
  const auto& hold = t.self.hold;
  if (t.self.newest->outcome == verdict::breach && hold.breaches >= t.spec.failure_limit) {
    begin_rollback(t, reason::threshold_breach, breached_metrics(*t.self.newest));
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
  return t.spec.on_inconclusive == inconclusive_rule::promote &&
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
  begin_promote(t, why);
}

// The end of the hold moves on with the readings, so that nothing of max_extension is used up.
void put_off_end(turn& t) {
  auto& hold = t.self.hold;
  const auto due = hold.next_due;
  hold.next_due =
      next_in_rhythm(due, stretched(t.spec.validation_interval, t.at.stretch), t.at.now);
  hold.ends += hold.next_due - due;
}

// True where the operator who paused it has not come back.
bool rolled_back_for_pause(turn& t) {
  if (t.at.now < end_of_pause(t))
    return false;
  begin_rollback(t, reason::gate_timeout,
                 "paused for " + format_duration(t.spec.gate_timeout) + ", and not resumed");
  return true;
}

void end_hold(turn& t) {
  if (t.self.newest->outcome == verdict::pass)
    return leave_hold(t, reason::passed);
  if (t.spec.on_inconclusive == inconclusive_rule::rollback)
    return begin_rollback(t, reason::inconclusive, "the hold ended without a passing reading");
  if (may_promote_without_data(t))
    return leave_hold(t, reason::inconclusive);
  extend(t);
}

}  // namespace

instant following_due(const job& spec, const canary& current, double stretch, duration unit,
                      instant now) {
  (void)unit;
  const auto interval = stretched(spec.validation_interval, stretch);
  const auto due = current.hold.next_due;
  const auto last = last_due(current);
  const auto following = due < last ? std::min(due + interval, last) : due + interval;
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
  const auto step = self.hold.step;
  const auto provider_errors = self.hold.provider_errors;
  self.hold = {};
  self.hold.step = step;
  self.hold.provider_errors = provider_errors;
  self.hold.since = t.at.now;
  self.hold.ends = t.at.now + t.spec.steps[static_cast<std::size_t>(step)].hold;
  self.hold.next_due =
      std::min(t.at.now + stretched(t.spec.validation_interval, t.at.stretch), self.hold.ends);
}

void on_poll(turn& t, const poll_answered& answer) {
  auto& self = t.self;
  const bool decides = !self.hold.paused_since && self.hold.next_due >= self.hold.ends;
  tell_of_gap(t, stretched(t.spec.validation_interval, t.at.stretch));
  self.newest = judge(t.spec, answer.outcome, t.at.wall, answer.window);
  count(t, *self.newest);
  if (rolled_back_for_reading(t))
    return;
  if (self.state == canary_state::promoting)
    return schedule_next(t);
  const bool refused = !answer.outcome && is_refusal(answer.outcome.error());
  self.status_wanted |= refused || self.newest->outcome == verdict::no_data;
  if (decides)
    return t.at.cannot_conclude ? put_off_end(t) : end_hold(t);
  if (!rolled_back_for_pause(t) && !rolled_back_for_no_data(t))
    schedule_next(t);
}

void pause_hold(turn& t) {
  auto& hold = t.self.hold;
  t.self.state = canary_state::paused;
  hold.paused_since = t.at.now;
  hold.left = hold.ends - t.at.now;
  hold.next_due = std::min(hold.next_due, end_of_pause(t));
}

void resume_hold(turn& t) {
  auto& hold = t.self.hold;
  t.self.state = canary_state::observing;
  hold.ends = t.at.now + hold.left;
  hold.paused_since.reset();
  hold.left = {};
  // What may have happened to the deployment meanwhile is looked at now.
  t.self.status_wanted = true;
  hold.next_due = std::min(hold.next_due, std::max(last_due(t.self), t.at.now));
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
  hold.next_due = std::min(t.at.now < last ? std::min(spread, last) : spread,
                           std::max(end_of_pause(t), t.at.now));
}

}  // namespace canaryd::core
