// Rolling back (reference: "Rollback"): it never gives up. Each attempt after the first begins with
// the status, a 2xx is verified by one, and where the call is refused the traffic is taken away.
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"

namespace canaryd::canary {
namespace {

using std::chrono::seconds;

constexpr seconds longest_wait{60};
// A deployment is gone when two look-ups this far apart do not list it.
constexpr seconds absence_needed{60};

bool has_traffic(const deployment& found) {
  constexpr double nothing = 0.1;
  return found.canary_percent.value_or(0.0) > nothing;
}

void complete_rollback(turn& t, bool is_verified) {
  t.self.verified = is_verified;
  t.record(audit_action::canary_rollback, audit_status::success);
  t.tell(severity::info, topic::rollback,
         fmt::format("deployment {} is rolled back", t.self.deployment_id));
  finish(t, canary_state::rolled_back, *t.self.why);
}

void retry_later(turn& t, const error& problem) {
  const auto failures = t.self.attempts + t.self.token_failures;
  // Without a token nothing was sent: the first attempt is still to come, and nobody's Retry-After
  // holds it up.
  const bool comes_first = t.self.attempts == 0 && problem.kind == fault::no_token;
  ++(comes_first ? t.self.token_failures : t.self.attempts);
  t.tell(backoff_has_grown(failures, longest_wait) ? severity::critical : severity::warning,
         topic::rollback_unsettled,
         fmt::format("attempt {} to roll back deployment {} failed, trying again: {}", failures + 1,
                     t.self.deployment_id, problem.text));
  const auto wait = retry_wait(problem, failures, t.at.random, longest_wait,
                               comes_first ? duration::zero() : longest_hold_up);
  // A deployment that will not go must not keep the surplus ones alive: they take turns.
  t.call(t.self.surplus_deployments.empty() ? operation::read_status : operation::rollback_surplus,
         t.at.now + wait, comes_first);
}

error still_going(const turn& t, const std::string& status) {
  return {.kind = fault::try_again,
          .text = fmt::format("deployment {} is still \"{}\"", t.self.deployment_id, status)};
}

void send_rollback(turn& t) {
  t.call_now(operation::rollback, t.self.attempts == 0);
}

// The newest attempt was refused, and nothing says that it was not needed.
void take_traffic_away(turn& t, const error& problem) {
  auto& rollback = t.self.rollback;
  rollback.after_refusal = false;
  if (rollback.traffic_removed)
    return retry_later(t, problem);
  t.call_now(operation::remove_traffic, t.was_first_attempt);
}

void on_still_live(turn& t, const deployment& found) {
  auto& rollback = t.self.rollback;
  rollback.absent_since.reset();
  // A change of the traffic that was on its way may have brought it back.
  if (has_traffic(found))
    rollback.traffic_removed = false;
  if (rollback.after_refusal)
    return take_traffic_away(t, still_going(t, found.status));
  if (!rollback.accepted)
    return send_rollback(t);
  rollback.accepted = false;
  retry_later(t, still_going(t, found.status));
}

void record_refusal(turn& t, const std::string& because) {
  if (t.self.rollback.refusal_recorded)
    return;
  t.self.rollback.refusal_recorded = true;
  t.record(audit_action::canary_rollback, audit_status::failure);
  t.tell(severity::critical, topic::rollback_refused, "the rollback was refused: " + because);
}

// Neither the status nor the list tells what became of it.
void on_failed_look_up(turn& t, const error& problem) {
  auto& rollback = t.self.rollback;
  if (rollback.accepted && is_refusal(problem)) {
    t.tell(severity::warning, topic::rollback_unsettled,
           "the rollback was accepted, and cannot be verified: " + problem.text);
    return complete_rollback(t, false);
  }
  // Reached by a status alone, it must not keep the rollback from being sent.
  if (!rollback.accepted && !rollback.after_refusal)
    return send_rollback(t);
  rollback.after_refusal = false;
  retry_later(t, problem);
}

void announce(turn& t) {
  t.record(audit_action::canary_rollback, audit_status::triggered);
  t.tell(severity::warning, topic::rollback_started,
         fmt::format("rolling back deployment {}: {} ({})", t.self.deployment_id,
                     to_string(*t.self.why), t.self.detail));
}

// A traffic change or a promote that was on its way when the rollback began may arrive after it.
void on_rolled_back(turn& t, const deployment& found) {
  auto& rollback = t.self.rollback;
  const auto& settles_at = rollback.settles_at;
  if (settles_at && t.at.now < *settles_at) {
    rollback.accepted = false;
    ++rollback.completions;
    return t.call(operation::read_status, *settles_at);
  }
  if (settles_at && has_next_step(t) && has_next_share(t, found)) {
    t.tell(severity::critical, topic::rollback_unsettled,
           fmt::format(
               "deployment {} is rolled back, and yet its canary has {}% of the traffic: a late "
               "traffic change has arrived",
               found.id, text::shortest_decimal(*found.canary_percent)));
  }
  complete_rollback(t, true);
}

}  // namespace

void begin_rollback(turn& t, reason why, const std::string& because) {
  auto& self = t.self;
  self.state = canary_state::rolling_back;
  self.why = why;
  abandon_traffic_change(t);
  self.hold.paused_since.reset();
  self.detail = because;
  self.attempts = 0;
  self.token_failures = 0;
  self.status_wanted = false;
  announce(t);
  // A promote that may have landed is found out first: rolling back what is stable now would take
  // away everybody's bot. It may land later still.
  if (self.promote_uncertain)
    self.rollback.settles_at = t.at.now + t.at.request_timeout;
  t.call_now(self.promote_uncertain ? operation::read_status : operation::rollback, true);
}

void resume_rollback(turn& t) {
  auto& self = t.self;
  if (self.ends_as)
    return t.call_now(operation::rollback_surplus);
  if (self.records_made == 0) {
    // Nobody has told of one that was found abandoned.
    self.started_at = t.at.wall;
    announce(t);
  }
  t.call_now(operation::read_status, true);
}

void on_rollback(turn& t, const result<void>& outcome) {
  auto& rollback = t.self.rollback;
  if (outcome) {
    rollback.accepted = true;
    return t.call_now(operation::read_status);
  }
  const auto& problem = outcome.error();
  if (!is_refusal(problem))
    return retry_later(t, problem);
  rollback.after_refusal = true;
  // After the first refusal the traffic is taken away for the first time.
  const bool is_first = !rollback.refusal_recorded;
  if (is_gone(problem))
    return t.call_now(operation::look_up, is_first);
  record_refusal(t, problem.text);
  t.call_now(operation::read_status, is_first);
}

void on_rollback_status(turn& t, const result<deployment>& found) {
  auto& rollback = t.self.rollback;
  if (found) {
    switch (fate_of(*found)) {
      case deployment_fate::rolled_back:
        return on_rolled_back(t, *found);
      case deployment_fate::promoted:
        return end_as_changed(t, deployment_fate::promoted);
      default:
        return on_still_live(t, *found);
    }
  }
  const auto& problem = found.error();
  if (is_gone(problem) || (rollback.accepted && is_refusal(problem)))
    return t.call_now(operation::look_up);
  if (rollback.after_refusal)
    return take_traffic_away(t, problem);
  if (rollback.accepted)
    return retry_later(t, problem);
  // The status cannot be read, but the rollback may get through, and repeating it does no harm.
  send_rollback(t);
}

void on_rollback_look_up(turn& t, const result<std::vector<found_deployment>>& found) {
  auto& rollback = t.self.rollback;
  if (!found)
    return on_failed_look_up(t, found.error());
  for (const auto& candidate : *found) {
    if (candidate.found.id != t.self.deployment_id)
      continue;
    if (rollback.after_refusal && is_live(candidate.found))
      record_refusal(t, still_going(t, candidate.found.status).text);
    return on_rollback_status(t, candidate.found);
  }
  if (!rollback.absent_since)
    rollback.absent_since = t.at.now;
  const auto enough = *rollback.absent_since + absence_needed;
  if (t.at.now < enough)
    return t.call(operation::look_up, enough);
  t.tell(severity::warning, topic::rollback,
         fmt::format("deployment {} is gone, and is taken as rolled back", t.self.deployment_id));
  complete_rollback(t, false);
}

void on_traffic_removed(turn& t, const result<void>& outcome) {
  if (!outcome)
    return retry_later(t, outcome.error());
  t.self.rollback.traffic_removed = true;
  ++t.self.rollback.removals;
  t.tell(severity::critical, topic::rollback_refused,
         "the rollback is refused, so all traffic was taken away from the canary");
  retry_later(t, {.kind = fault::refused, .text = "the rollback is still refused"});
}

}  // namespace canaryd::canary
