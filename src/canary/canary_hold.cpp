// One hold: how it begins, stands still, is extended and ends (reference: "End of a hold").
#include "canaryd/judge/judge.hpp"
#include "canaryd/judge/odds_text.hpp"
#include "canaryd/text/duration_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <string>
#include <vector>

namespace canaryd::canary {
namespace {

bool may_promote_without_data(const turn& t) {
  return t.spec.on_inconclusive == job::inconclusive_rule::promote && !has_next_step(t) &&
         t.self.newest->outcome == judge::verdict::no_data && !t.self.hold.troubled;
}

// What the newest reading does not show.
std::string what_is_missing(const turn& t) {
  if (!is_passing(t.self))
    return fmt::format("a pass (the newest reading is {})", to_string(t.self.newest->outcome));
  std::vector<std::string> unproven;
  for (const auto& metric : t.self.newest->metrics) {
    if (is_unproven(metric))
      unproven.push_back(
          fmt::format("the odds for {} are {}", metric.name,
                      judge::long_odds_text(metric.evidence->within, metric.evidence->needed)));
  }
  return fmt::format("proof that the canary is within its limits ({})", fmt::join(unproven, "; "));
}

void extend(turn& t) {
  auto& hold = t.self.hold;
  if (hold.next_due >= hold.ends + t.self.extension_left) {
    return begin_rollback(t, reason::inconclusive,
                          fmt::format("max_extension is used up without {}", what_is_missing(t)));
  }
  if (!hold.extended) {
    hold.extended = true;
    t.record(audit_action::canary_extended, audit_status::success);
    t.tell(severity::warning, topic::inconclusive,
           fmt::format("the hold ended without {}: readings go on", what_is_missing(t)));
  }
  t.self.detail = fmt::format("the hold ended without {}: readings go on for up to {}",
                              what_is_missing(t), text::format_duration(t.self.extension_left));
  schedule_next(t);
}

}  // namespace

bool is_enough_to_go_on(const turn& t) {
  if (has_next_step(t) || t.spec.analysis.promote_when == job::promotion_rule::not_worse)
    return is_passing(t.self);
  return t.self.newest && is_proven(*t.self.newest);
}

void leave_hold(turn& t, reason why) {
  auto& hold = t.self.hold;
  if (hold.extended)
    t.self.extension_left -= std::min(t.self.extension_left, t.at.now - hold.ends);
  hold.extended = false;
  schedule_next(t);
  if (is_gated(t))
    return wait_at_gate(t);
  go_on(t, why);
}

bool ends_early(const turn& t) {
  return t.spec.analysis.promote_early && standstill_of(t.self) == nullptr &&
         !t.at.cannot_conclude && is_proven(*t.self.newest);
}

void end_hold(turn& t) {
  if (is_enough_to_go_on(t))
    return leave_hold(t, reason::passed);
  if (t.spec.on_inconclusive == job::inconclusive_rule::rollback) {
    return begin_rollback(t, reason::inconclusive,
                          fmt::format("the hold ended without {}", what_is_missing(t)));
  }
  if (may_promote_without_data(t))
    return leave_hold(t, reason::inconclusive);
  extend(t);
}

void begin_hold(turn& t) {
  auto& self = t.self;
  t.in<phases::watching>().stopped.reset();
  // A traffic change does not reset these.
  self.hold = {.step = self.hold.step,
               .provider_errors = self.hold.provider_errors,
               .troubled = self.hold.troubled,
               .unwatched = self.hold.unwatched};
  self.hold.since = t.at.now;
  self.hold.counted_from = t.at.now;
  self.hold.counted_until = t.at.now;
  if (is_sequential(t.spec)) {
    self.gathered = self.gathered.value_or(judge::evidence{});
    begin_counting(*self.gathered);
  }
  self.hold.ends = t.at.now + t.spec.steps[static_cast<std::size_t>(self.hold.step)].hold;
  set_due(t, std::min(t.at.now + stretched_interval(t), self.hold.ends));
}

void begin_next_hold(turn& t) {
  auto& hold = t.self.hold;
  ++hold.step;
  const auto stopped = t.in<phases::watching>().stopped;
  begin_hold(t);
  if (stopped) {
    pause_hold(t);
    // It is still the same pause, so it does not time out later.
    t.in<phases::watching>().stopped->since = stopped->since;
    set_due(t, std::min(hold.next_due, end_of_pause(t)));
  }
}

void stop_clock(turn& t, bool at_gate) {
  auto& hold = t.self.hold;
  t.in<phases::watching>().stopped = standstill{at_gate, t.at.now, hold.ends - t.at.now};
  set_due(t, std::min(hold.next_due, end_of_pause(t)));
}

void pause_hold(turn& t) {
  withhold_traffic_change(t);
  stop_clock(t, false);
}

void resume_hold(turn& t) {
  auto& hold = t.self.hold;
  auto& watching = t.in<phases::watching>();
  hold.ends = t.at.now + watching.stopped->left;
  watching.stopped.reset();
  // The status shows what happened to the deployment during the pause.
  watching.status_wanted = true;
  set_due(t, std::min(hold.next_due, std::max(last_due(t.self), t.at.now)));
}

}  // namespace canaryd::canary
