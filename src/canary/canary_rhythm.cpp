// When readings fall due and what windows they ask for (reference: "Readings", "Judging").
#include "canaryd/job/whole_units.hpp"
#include "canaryd/text/duration_text.hpp"

#include "canary_turn.hpp"
#include <algorithm>

namespace canaryd::canary {
namespace {

duration stretched(duration interval, double stretch) {
  return duration{static_cast<duration::rep>(static_cast<double>(interval.count()) * stretch)};
}

// The sequential method counts whole units, so its readings fall due at the end of one.
instant aligned(const job::job& spec, const hold_progress& hold, instant due, duration unit) {
  if (!is_sequential(spec))
    return due;
  const auto since = std::max(due - hold.counted_from, duration::zero());
  return hold.counted_from + unit * ((since + unit - duration{1}) / unit);
}

// Keeps to the rhythm after a late reading. Of the readings that were missed meanwhile, only the
// newest is made up for, and only within half an interval.
instant next_in_rhythm(instant due, duration interval, instant now) {
  const auto late = now - (due + interval);
  if (late < interval / 2)
    return due + interval;
  return due + interval * (2 + (late - interval / 2) / interval);
}

// When the planned reading after the one at `due` falls due.
instant planned_after(instant due, duration interval, instant last) {
  return due < last ? std::min(due + interval, last) : due + interval;
}

// A reading that was asked for very late begins a new rhythm. The next reading is never asked for
// before half of the planned time has passed, because the same cause would count twice.
instant next_after(const turn& t) {
  const auto due = t.self.hold.next_due;
  const auto asked = t.asked_at.value_or(due);
  const auto interval = stretched_interval(t);
  const auto last = last_due(t.self);
  const bool is_lost = asked - due > interval / 2;
  const auto next = is_lost ? asked + interval : next_in_rhythm(due, interval, t.at.now);
  // The last reading of a hold is always taken, because it decides.
  return std::max(due < last ? std::min(next, last) : next,
                  asked + (planned_after(due, interval, last) - due) / 2);
}

}  // namespace

duration stretched_interval(const turn& t) {
  return stretched(t.spec.validation_interval, t.at.stretch);
}

instant last_due(const canary& self) {
  if (standstill_of(self) != nullptr)
    return instant::max();
  return self.hold.extended ? self.hold.ends + self.extension_left : self.hold.ends;
}

instant end_of_pause(const turn& t) {
  const auto* stopped = standstill_of(t.self);
  return stopped != nullptr ? stopped->since + t.spec.gate_timeout : instant::max();
}

void set_due(turn& t, instant due) {
  t.self.hold.next_due = aligned(t.spec, t.self.hold, due, t.at.window_unit);
}

void note_window(turn& t, duration window) {
  auto& hold = t.self.hold;
  if (is_sequential(t.spec))
    hold.next_due = std::max(hold.next_due, hold.counted_from + window);
}

bool is_whole_window(const turn& t, duration window) {
  return t.at.now - t.self.hold.counted_from < job::longest_window + t.at.window_unit ||
         window < job::longest_window;
}

void keep_window_short(turn& t) {
  auto& hold = t.self.hold;
  const auto& unit = t.at.window_unit;
  if (!t.self.gathered || hold.next_due - hold.counted_from <= job::longest_window)
    return;
  // If counted_until is too long ago as well, what was missed meanwhile is never counted.
  const bool is_near = hold.next_due + unit - hold.counted_until <= job::longest_window;
  if (is_near) {
    hold.counted_from = hold.counted_until;
    count_anew(*t.self.gathered);
  } else {
    hold.counted_from = hold.counted_until = t.at.now;
    begin_counting(*t.self.gathered);
  }
  set_due(t, hold.next_due);
}

void schedule_next(turn& t) {
  set_due(t, std::min(next_after(t), end_of_pause(t)));
}

void tell_of_gap(turn& t, duration taken) {
  const auto interval = stretched_interval(t);
  const auto late = t.at.now - t.self.hold.next_due;
  if (late > interval + taken) {
    t.self.hold.unwatched = true;
    t.tell(severity::warning, topic::unwatched,
           "the canary was not watched for " + text::format_duration(late));
  }
}

bool went_unwatched(const job::job& spec, const canary& current, double stretch, instant now) {
  return is_watched(current) && !current.hold.unwatched &&
         now - current.hold.next_due > 2 * stretched(spec.validation_interval, stretch);
}

void put_off_end(turn& t) {
  auto& hold = t.self.hold;
  const auto due = hold.next_due;
  set_due(t, next_after(t));
  hold.ends += hold.next_due - std::max(due, hold.ends);
}

void spread_overdue(turn& t) {
  const auto spread = t.at.now + stretched(t.spec.validation_interval, t.at.random);
  const auto last = last_due(t.self);
  set_due(t, std::min(t.at.now < last ? std::min(spread, last) : spread,
                      std::max(end_of_pause(t), t.at.now)));
  keep_window_short(t);
}

duration poll_time(const job::job& spec, const canary& current, double stretch, duration unit) {
  const auto due = current.hold.next_due;
  const auto next =
      planned_after(due, stretched(spec.validation_interval, stretch), last_due(current));
  return aligned(spec, current.hold, next, unit) - due;
}

duration poll_window(const job::job& spec, const canary& current, duration unit) {
  const auto elapsed = std::max(current.hold.next_due - current.hold.since, duration{1});
  const auto whole = unit * ((elapsed + unit - duration{1}) / unit);
  return std::min<duration>(spec.window, whole);
}

}  // namespace canaryd::canary
