// Writes a canary's phase into the members of its row.
#include "canaryd/canary/canary_row.hpp"

namespace canaryd::canary {
namespace {

// Puts what its phase remembers into the row.
struct phase_writer {
  rows::canary& row;

  void operator()(const phases::queued& phase) const {
    row.attempts = phase.attempts;
    row.token_failures = phase.token_failures;
    write(phase.before);
  }
  void operator()(const phases::deploying& phase) const {
    row.attempts = phase.attempts;
    row.token_failures = phase.token_failures;
    row.abort_wanted = phase.abort_wanted;
    write(phase.before);
    row.deploy.uncertain = phase.uncertain;
    row.deploy.refusal = phase.refusal;
    row.deploy.repeat_at = phase.repeat_at;
    row.deploy.empty_look_ups = phase.empty_look_ups;
    row.deploy.failed_look_ups = phase.failed_look_ups;
  }
  void operator()(const phases::watching& phase) const {
    row.status_wanted = phase.status_wanted;
    if (const auto& stopped = phase.stopped) {
      row.hold.paused_since = stopped->since;
      row.hold.left = stopped->left;
    }
    if (const auto& change = phase.change) {
      row.attempts = change->attempts;
      row.traffic = {true, change->answered == newest_attempt::refused, change->repeat_at,
                     change->sent_at};
    }
  }
  void operator()(const phases::promoting& phase) const {
    row.attempts = phase.attempts;
    row.promote_uncertain = phase.sent;
    row.promote_refused = phase.answered == newest_attempt::refused;
    row.promote = {phase.answered == newest_attempt::accepted, phase.other_words,
                   phase.failed_reads};
    row.rollback.settles_at = phase.settles_at;
  }
  void operator()(const phases::rolling_back& phase) const {
    row.attempts = phase.attempts;
    row.token_failures = phase.token_failures;
    row.rollback = {.accepted = phase.answered == newest_attempt::accepted,
                    .refusal_recorded = phase.refusal_recorded,
                    .traffic_removed = phase.traffic_removed,
                    .removals = phase.removals,
                    .completions = phase.completions,
                    .after_refusal = phase.answered == newest_attempt::refused,
                    .absent_since = phase.absent_since,
                    .settles_at = phase.settles_at};
  }
  void operator()(const phases::clearing_up& phase) const {
    row.ends_as = phase.how.as;
    row.rollback.traffic_removed = phase.traffic_removed;
  }
  void operator()(const phases::ended&) const {}

  void write(const listed_before& before) const {
    row.deploy.known_deployments = before.known_deployments;
    row.deploy.unreadable_before = before.unreadable;
  }
};

void write_call(rows::canary& row, const pending_call& call) {
  row.next_call = {.what = operation_of(call.what_for),
                   .not_before = call.not_before,
                   .first_attempt = call.first_attempt,
                   .serial = call.serial,
                   .share = call.share};
  row.surplus_accepted = call.what_for == purpose::status_of_accepted_surplus;
}

}  // namespace

rows::canary to_row(const canary& current) {
  rows::canary row{.job_id = current.job_id,
                   .uid = current.uid,
                   .state = state_of(current),
                   .why = why_of(current),
                   .detail = current.detail,
                   .deployment_id = current.deployment_id,
                   .surplus_deployments = current.surplus_deployments,
                   .extension_left = current.extension_left,
                   .surplus_failures = current.surplus_failures,
                   .hold = {current.hold, {}, {}},
                   .decided_by = current.decided_by,
                   .odd_status = current.odd_status,
                   .verified = is_verified(current),
                   .newest = current.newest,
                   .readings = current.readings,
                   .gathered = current.gathered,
                   .started_at = current.started_at,
                   .ended_at = current.ended_at,
                   .records_made = current.records_made,
                   .calls_made = current.calls_made};
  std::visit(phase_writer{row}, current.phase);
  if (current.next_call)
    write_call(row, *current.next_call);
  return row;
}

}  // namespace canaryd::canary
