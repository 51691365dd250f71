// Rolls back the surplus deployments, which a repeated deploy has made.
#include <fmt/format.h>

#include "canary_turn.hpp"

namespace canaryd::canary {
namespace {

constexpr std::chrono::seconds longest_surplus_wait{60};

// Chooses the next call after a surplus deployment is settled.
void go_on(turn& t) {
  // The canary's own deployment has to be rolled back too, so the two take turns.
  if (t.is_in<phases::rolling_back>())
    return t.call_now(purpose::status_of_rollback);
  if (t.is_in<phases::clearing_up>())
    return clear_up(t);
  if (!t.self.surplus_deployments.empty())
    return t.call_now(purpose::rollback_surplus);
  if (t.is_in<phases::promoting>())
    continue_promote(t);
}

void settle(turn& t) {
  const auto& settled = t.answered->deployment_id;
  t.tell(severity::warning, topic::surplus_deployment,
         fmt::format("surplus deployment {} is settled", settled));
  std::erase(t.self.surplus_deployments, settled);
  t.self.surplus_failures = 0;
  go_on(t);
}

void retry_surplus(turn& t, const error& problem) {
  const auto failures = t.self.surplus_failures++;
  t.tell(severity::critical, topic::surplus_deployment,
         fmt::format("surplus deployment {} is not rolled back yet: {}", t.answered->deployment_id,
                     problem.text));
  if (t.is_in<phases::rolling_back>())
    return t.call_now(purpose::status_of_rollback);
  t.call(purpose::rollback_surplus, t.at.now + retry_wait(problem, failures, t.at.random,
                                                          longest_surplus_wait, longest_hold_up));
}

}  // namespace

void clear_up(turn& t) {
  if (!t.self.surplus_deployments.empty())
    return t.call_now(purpose::rollback_surplus);
  const auto how = t.in<phases::clearing_up>().how;
  t.self.phase = phases::ended{how};
  t.self.ended_at = t.at.wall;
}

void on_surplus(turn& t, const result<void>& outcome) {
  if (!outcome && is_gone(outcome.error()))
    return settle(t);
  if (!outcome && !is_refusal(outcome.error()))
    return retry_surplus(t, outcome.error());
  t.call_now(outcome ? purpose::status_of_accepted_surplus : purpose::status_of_refused_surplus);
}

void on_surplus_read(turn& t, const result<deployment>& found) {
  if (found && is_live(*found))
    return retry_surplus(
        t, {.kind = fault::refused, .text = "its status is still \"" + found->status + "\""});
  const bool was_accepted = t.answered->what_for == purpose::status_of_accepted_surplus;
  // If the rollback was accepted and its status may not be read, nothing more can be learned.
  const bool is_settled =
      found || is_gone(found.error()) || (was_accepted && is_refusal(found.error()));
  if (is_settled)
    return settle(t);
  retry_surplus(t, found.error());
}

}  // namespace canaryd::canary
