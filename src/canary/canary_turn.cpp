#include "canary_turn.hpp"

#include <fmt/format.h>

namespace canaryd::canary {

std::string in_a_row(std::int32_t count, std::string_view thing) {
  return count == 1 ? fmt::format("1 {}", thing) : fmt::format("{} {}s in a row", count, thing);
}

std::string told_of_failures(std::int32_t count, std::string_view thing, std::string_view newest) {
  return fmt::format("{} failed{}: {}", in_a_row(count, thing), count == 1 ? "" : ", the last with",
                     newest);
}

void turn::call(purpose what_for, instant not_before, bool first_attempt) {
  pending_call made{.what_for = what_for,
                    .deployment_id = deployment_of(self, what_for),
                    .key = idempotency_key(self, operation_of(what_for)),
                    .not_before = not_before,
                    .first_attempt = first_attempt,
                    .serial = ++self.calls_made};
  if (what_for == purpose::change_traffic)
    made.share = next_share(spec, self);
  self.next_call = std::move(made);
}

void turn::record(audit_action action, audit_status status) {
  audit_record made;
  made.record_id = fmt::format("{}-{}", self.uid, ++self.records_made);
  made.timestamp = at.wall;
  made.job_id = self.job_id;
  made.bot_id = spec.bot_id;
  made.deployment_id = self.deployment_id;
  made.action = action;
  made.status = status;
  if (self.newest)
    made.metrics = sample_of(*self.newest);
  if (const auto why = why_of(self)) {
    made.reason = to_string(*why);
    if (*why == reason::operator_abort || *why == reason::operator_promote)
      made.actor = self.decided_by;
  }
  records.push_back(std::move(made));
}

void turn::record_command(audit_action action, const command& given) {
  record(action, audit_status::success);
  records.back().actor = given.actor;
  records.back().reason = given.reason;
}

void turn::wait_because(severity level, topic about, std::string text) {
  // If an operator has aborted the canary, the detail must keep saying so.
  if (self.detail == text || is_abort_wanted(self))
    return;
  self.detail = text;
  tell(level, about, std::move(text));
}

// A 503, 425 or 429 says that it was not. Another 5xx or a 408 may come from anywhere between here
// and the deployment.
bool may_have_happened(const error& problem) {
  switch (problem.kind) {
    case fault::lost:
    case fault::malformed:
      return true;
    case fault::try_again:
      return problem.status == 408 || (problem.status >= 500 && problem.status != 503);
    default:
      return false;
  }
}

void finish(turn& t, const ending& how) {
  const bool has_no_traffic = has_no_traffic_left(t.self);
  t.self.next_call.reset();
  move_on(t, phases::clearing_up{how, has_no_traffic});
  clear_up(t);
}

void end_as_changed(turn& t, deployment_status status) {
  const bool promoted = status == deployment_status::promoted;
  t.tell(t.is_in<phases::rolling_back>() ? severity::critical : severity::warning,
         topic::external_change,
         fmt::format("deployment {} was {} by somebody else", t.self.deployment_id,
                     promoted ? "promoted" : "rolled back"));
  finish(t, {.as = promoted ? canary_state::promoted_to_stable : canary_state::rolled_back,
             .why = reason::external_change,
             .verified = true});
  t.record(promoted ? audit_action::canary_completed : audit_action::canary_rollback,
           audit_status::success);
}

void warn_of_odd_status(turn& t, const deployment& found) {
  if (status_of(found) != deployment_status::unknown || t.self.odd_status == found.status)
    return;
  t.self.odd_status = found.status;
  t.tell(severity::warning, topic::provider,
         fmt::format("deployment {} has the unknown status \"{}\" and counts as live",
                     t.self.deployment_id, found.status));
}

}  // namespace canaryd::canary
