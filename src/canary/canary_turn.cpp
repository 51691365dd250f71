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

void turn::call(operation what, instant not_before, bool first_attempt) {
  self.next_call = pending_call{what, not_before, first_attempt, ++self.calls_made};
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
  if (self.why) {
    made.reason = to_string(*self.why);
    if (*self.why == reason::operator_abort || *self.why == reason::operator_promote)
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
  // An operator who has aborted it is to see that.
  if (self.detail == text || self.abort_wanted)
    return;
  self.detail = text;
  tell(level, about, std::move(text));
}

// A 503, 425 or 429 says that it was not; the other 5xx and a 408 come from anywhere between here
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

void finish(turn& t, canary_state outcome, reason why) {
  t.self.why = why;
  t.self.next_call.reset();
  if (!t.self.surplus_deployments.empty()) {
    t.self.state = canary_state::rolling_back;
    t.self.ends_as = outcome;
    t.call_now(operation::rollback_surplus);
    return;
  }
  t.self.state = outcome;
  t.self.ended_at = t.at.wall;
}

void end_as_changed(turn& t, deployment_fate fate) {
  const bool promoted = fate == deployment_fate::promoted;
  t.self.why = reason::external_change;
  t.self.verified = true;
  t.tell(t.self.state == canary_state::rolling_back ? severity::critical : severity::warning,
         topic::external_change,
         fmt::format("deployment {} was {} by somebody else", t.self.deployment_id,
                     promoted ? "promoted" : "rolled back"));
  abandon_traffic_change(t);
  t.record(promoted ? audit_action::canary_completed : audit_action::canary_rollback,
           audit_status::success);
  finish(t, promoted ? canary_state::promoted_to_stable : canary_state::rolled_back,
         reason::external_change);
}

void warn_of_odd_status(turn& t, const deployment& found) {
  if (fate_of(found) != deployment_fate::unknown || t.self.odd_status == found.status)
    return;
  t.self.odd_status = found.status;
  t.tell(severity::warning, topic::provider,
         fmt::format("unknown status of deployment {}: \"{}\"; taken as still going",
                     t.self.deployment_id, found.status));
}

}  // namespace canaryd::canary
