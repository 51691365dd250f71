// Reads a canary's phase from the members of its row.
#include "canaryd/canary/canary_row.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <utility>

namespace canaryd::canary {
namespace {

std::unexpected<error> malformed(std::string text) {
  return failure(fault::malformed, "a stored canary: " + std::move(text));
}

newest_attempt attempt_of(bool accepted, bool refused) {
  if (refused)
    return newest_attempt::refused;
  return accepted ? newest_attempt::accepted : newest_attempt::open;
}

listed_before listed_in(rows::deploy& deploy) {
  return {std::move(deploy.known_deployments), deploy.unreadable_before};
}

phases::deploying read_deploying(rows::canary& row) {
  return {.before = listed_in(row.deploy),
          .attempts = row.attempts,
          .token_failures = row.token_failures,
          .uncertain = row.deploy.uncertain,
          .refusal = std::move(row.deploy.refusal),
          .repeat_at = row.deploy.repeat_at,
          .empty_look_ups = row.deploy.empty_look_ups,
          .failed_look_ups = row.deploy.failed_look_ups,
          .abort_wanted = row.abort_wanted};
}

phases::watching read_watching(const rows::canary& row) {
  phases::watching made{.status_wanted = row.status_wanted};
  // If the standstill has no beginning, missing_member() says so before the canary is used.
  if (row.state != canary_state::observing)
    made.stopped = standstill{row.state == canary_state::waiting_approval,
                              row.hold.paused_since.value_or(instant{}), row.hold.left};
  if (row.traffic.under_way)
    made.change = {attempt_of(false, row.traffic.refused), row.attempts, row.traffic.repeat_at,
                   row.traffic.sent_at};
  return made;
}

phases::promoting read_promoting(const rows::canary& row) {
  return {.why = *row.why,
          .attempts = row.attempts,
          .sent = row.promote_uncertain,
          .answered = attempt_of(row.promote.accepted, row.promote_refused),
          .other_words = row.promote.other_words,
          .failed_reads = row.promote.failed_reads,
          .settles_at = row.rollback.settles_at};
}

phases::rolling_back read_rolling_back(const rows::canary& row) {
  const auto& rollback = row.rollback;
  return {.why = *row.why,
          .attempts = row.attempts,
          .token_failures = row.token_failures,
          .answered = attempt_of(rollback.accepted, rollback.after_refusal),
          .refusal_recorded = rollback.refusal_recorded,
          .traffic_removed = rollback.traffic_removed,
          .removals = rollback.removals,
          .completions = rollback.completions,
          .absent_since = rollback.absent_since,
          .settles_at = rollback.settles_at};
}

ending read_ending(const rows::canary& row, canary_state as) {
  return {.as = as, .why = *row.why, .verified = row.verified};
}

// Requires what contradiction_in() asks for.
canary_phase read_phase(rows::canary& row) {
  switch (row.state) {
    case canary_state::queued:
      return phases::queued{row.attempts, row.token_failures, listed_in(row.deploy)};
    case canary_state::deploying:
      return read_deploying(row);
    case canary_state::observing:
    case canary_state::paused:
    case canary_state::waiting_approval:
      return read_watching(row);
    case canary_state::promoting:
      return read_promoting(row);
    case canary_state::rolling_back:
      if (row.ends_as)
        return phases::clearing_up{read_ending(row, *row.ends_as), row.rollback.traffic_removed};
      return read_rolling_back(row);
    default:
      return phases::ended{read_ending(row, row.state)};
  }
}

// Says why the row makes no canary. Empty if it makes one.
std::optional<std::string> contradiction_in(const rows::canary& row) {
  const bool has_outcome = is_final(row.state) || row.state == canary_state::promoting ||
                           row.state == canary_state::rolling_back;
  if (has_outcome && !row.why)
    return fmt::format("it is in state {} and has no why", to_string(row.state));
  if (row.state != canary_state::rolling_back || !row.ends_as)
    return std::nullopt;
  if (!is_final(*row.ends_as))
    return fmt::format("/ends_as: found {}, which is not an end", to_string(*row.ends_as));
  if (row.surplus_deployments.empty())
    return "it has ends_as, but no surplus_deployments";
  return std::nullopt;
}

// The purpose of a look-up, or of reading the status, in the canary's phase. Empty if the phase
// makes no such call.
std::optional<purpose> purpose_of_look(const canary& current) {
  if (std::holds_alternative<phases::queued>(current.phase))
    return purpose::look_up_before_deploy;
  if (std::holds_alternative<phases::deploying>(current.phase))
    return purpose::look_up_lost_deploy;
  if (std::holds_alternative<phases::rolling_back>(current.phase))
    return purpose::look_up_rolled_back;
  return std::nullopt;
}

std::optional<purpose> purpose_of_status(const canary& current) {
  if (is_holding(current))
    return is_changing_traffic(current) ? purpose::status_of_traffic
                                        : purpose::status_for_external_change;
  if (std::holds_alternative<phases::promoting>(current.phase))
    return purpose::status_of_promote;
  if (std::holds_alternative<phases::rolling_back>(current.phase))
    return purpose::status_of_rollback;
  return std::nullopt;
}

template <class Phase>
std::optional<purpose> only_in(const canary& current, purpose what_for) {
  return std::holds_alternative<Phase>(current.phase) ? std::optional{what_for} : std::nullopt;
}

std::optional<purpose> purpose_of(const canary& current, operation what, bool surplus_accepted) {
  using enum operation;
  switch (what) {
    case check_version:
      return only_in<phases::queued>(current, purpose::check_version);
    case look_up:
      return purpose_of_look(current);
    case register_webhook:
      return only_in<phases::queued>(current, purpose::register_webhook);
    case deploy:
      return only_in<phases::deploying>(current, purpose::deploy);
    case read_status:
      return purpose_of_status(current);
    case change_traffic:
      return is_changing_traffic(current) ? std::optional{purpose::change_traffic} : std::nullopt;
    case promote:
      return only_in<phases::promoting>(current, purpose::promote);
    case rollback:
      return only_in<phases::rolling_back>(current, purpose::rollback);
    case remove_traffic:
      return only_in<phases::rolling_back>(current, purpose::remove_traffic);
    case rollback_surplus:
    case read_surplus:
      break;
  }
  const bool rolls_surplus_back = is_watched(current) ||
                                  std::holds_alternative<phases::rolling_back>(current.phase) ||
                                  std::holds_alternative<phases::clearing_up>(current.phase);
  if (!rolls_surplus_back || current.surplus_deployments.empty())
    return std::nullopt;
  if (what == rollback_surplus)
    return purpose::rollback_surplus;
  return surplus_accepted ? purpose::status_of_accepted_surplus
                          : purpose::status_of_refused_surplus;
}

// A call that the phase does not make is dropped. A resumed canary asks anew anyway.
std::optional<pending_call> read_call(const canary& current, const rows::canary& row) {
  if (!row.next_call)
    return std::nullopt;
  const auto& call = *row.next_call;
  const auto what_for = purpose_of(current, call.what, row.surplus_accepted);
  if (!what_for)
    return std::nullopt;
  return pending_call{.what_for = *what_for,
                      .deployment_id = deployment_of(current, *what_for),
                      .share = call.share,
                      .key = idempotency_key(current, call.what),
                      .not_before = call.not_before,
                      .first_attempt = call.first_attempt,
                      .serial = call.serial};
}

}  // namespace

result<canary> from_row(rows::canary found) {
  if (auto problem = contradiction_in(found))
    return malformed(*std::move(problem));
  canary made{.job_id = std::move(found.job_id),
              .uid = std::move(found.uid),
              .phase = read_phase(found),
              .detail = std::move(found.detail),
              .deployment_id = std::move(found.deployment_id),
              .surplus_deployments = std::move(found.surplus_deployments),
              .surplus_failures = found.surplus_failures,
              .hold = std::move(found.hold),
              .extension_left = found.extension_left,
              .decided_by = std::move(found.decided_by),
              .odd_status = std::move(found.odd_status),
              .newest = std::move(found.newest),
              .readings = found.readings,
              .gathered = found.gathered,
              .started_at = found.started_at,
              .ended_at = found.ended_at,
              .records_made = found.records_made,
              .calls_made = found.calls_made};
  made.next_call = read_call(made, found);
  return made;
}

}  // namespace canaryd::canary
