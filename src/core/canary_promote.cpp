// Promoting (SPEC section 5, "Promote"). The canary is polled on meanwhile: canary_watch.cpp.
#include <fmt/format.h>

#include "canary_turn.hpp"

namespace canaryd::core {
namespace {

void send_promote(turn& t) {
  t.self.promote_uncertain = true;
  t.call_now(operation::promote);
}

void complete_promote(turn& t) {
  t.record(audit_action::canary_completed, audit_status::success);
  t.tell(severity::info, topic::promote,
         fmt::format("deployment {} is promoted", t.self.deployment_id));
  finish(t, canary_state::promoted_to_stable, *t.self.why);
}

void retry_promote(turn& t, const error& problem) {
  if (++t.self.attempts >= t.spec.provider_error_limit) {
    return begin_rollback(t, reason::provider_unavailable,
                          fmt::format("{} attempts to promote failed, the last with: {}",
                                      t.self.attempts, problem.text));
  }
  t.tell(severity::warning, topic::promote_unsettled,
         "the promote is not settled: " + problem.text);
  t.call(operation::read_status, t.at.now + retry_wait(problem, t.self.attempts - 1, t.at.random,
                                                       longest_backoff, longest_hold_up));
}

}  // namespace

void begin_promote(turn& t, reason why) {
  t.self.state = canary_state::promoting;
  t.self.why = why;
  abandon_traffic_change(t);
  t.self.hold.paused_since.reset();
  t.self.attempts = 0;
  t.self.status_wanted = false;
  t.tell(severity::info, topic::promote, fmt::format("promoting: {}", to_string(why)));
  continue_promote(t);
}

void continue_promote(turn& t) {
  if (t.self.surplus_deployments.empty()) {
    send_promote(t);
  } else {
    t.call_now(operation::rollback_surplus);
  }
}

void on_promote(turn& t, const result<void>& outcome) {
  if (outcome)
    return complete_promote(t);
  if (!is_refusal(outcome.error()))
    return retry_promote(t, outcome.error());
  // It may be refused because an earlier attempt, or somebody else, has promoted it already:
  // rolling back what is stable now would take away everybody's bot.
  t.self.promote_refused = true;
  t.self.detail = outcome.error().text;
  t.call_now(operation::read_status, true);
}

void on_promote_status(turn& t, const result<deployment>& found) {
  if (found && !is_live(*found)) {
    const auto fate = fate_of(*found);
    if (fate == deployment_fate::promoted && t.self.promote_uncertain)
      return complete_promote(t);
    return end_as_changed(t, fate);
  }
  if (t.self.promote_refused) {
    t.self.promote_uncertain = !found;
    return begin_rollback(t, reason::promote_refused, t.self.detail);
  }
  if (!found)
    return retry_promote(t, found.error());
  continue_promote(t);
}

}  // namespace canaryd::core
