// What follows a hold (reference: "End of a hold", "Gates and pauses"): the next step or the
// promote, or first a gate where an operator has to approve it.
#include "canaryd/judge/judge.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"

namespace canaryd::canary {
namespace {

const job::traffic_step& next_step(const turn& t) {
  return t.spec.steps[static_cast<std::size_t>(t.self.hold.step) + 1];
}

std::string what_comes_next(const turn& t) {
  if (!has_next_step(t))
    return "the promote";
  return fmt::format("{}% of the traffic", text::shortest_decimal(next_step(t).canary_percent));
}

}  // namespace

bool has_next_step(const turn& t) {
  return static_cast<std::size_t>(t.self.hold.step) + 1 < t.spec.steps.size();
}

bool is_gated(const turn& t) {
  return has_next_step(t) ? next_step(t).approve : t.spec.approve_promotion;
}

void wait_at_gate(turn& t) {
  stop_clock(t, true);
  t.self.detail = "waiting for approval of " + what_comes_next(t);
  t.tell(severity::warning, topic::gate, t.self.detail);
}

void approve(turn& t, const command& given) {
  t.record_command(audit_action::canary_approved, given);
  t.self.hold.approved = true;
  t.tell(severity::info, topic::approved,
         fmt::format("{} was approved by {}", what_comes_next(t), given.actor));
  if (may_open_gate(t))
    return open_gate(t);
  t.self.detail = fmt::format("{} is approved: waiting for a passing reading", what_comes_next(t));
}

// The gate asks for no new proof. If the job asks for proof, the canary had it when it came to the
// gate. Odds that were reached once remain proof, however they move on (Ville's inequality), and a
// breach ends the canary.
bool may_open_gate(const turn& t) {
  return is_passing(t.self) && !t.self.hold.unwatched;
}

void open_gate(turn& t) {
  auto& stopped = t.in<phases::watching>().stopped;
  const bool was_early = stopped->left > duration::zero();
  stopped.reset();
  go_on(t, was_early ? reason::proven_early : reason::passed);
}

void go_on(turn& t, reason why) {
  t.self.detail.clear();
  if (has_next_step(t))
    begin_traffic_change(t);
  else
    begin_promote(t, why);
}

}  // namespace canaryd::canary
