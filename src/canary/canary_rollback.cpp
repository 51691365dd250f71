// Rolling back (reference: "Rollback"). A rollback never gives up. Each attempt after the first
// begins by reading the status, and the status also verifies a 2xx. If the call is refused, the
// traffic is taken away.
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <utility>

namespace canaryd::canary {
namespace {

using std::chrono::seconds;

constexpr seconds longest_wait{60};
// A deployment counts as gone if two look-ups this far apart do not list it.
constexpr seconds absence_needed{60};

bool has_traffic(const deployment& found) {
  constexpr double nothing = 0.1;
  return found.canary_percent.value_or(0.0) > nothing;
}

phases::rolling_back& rollback_of(turn& t) {
  return t.in<phases::rolling_back>();
}

void complete_rollback(turn& t, bool is_verified) {
  t.record(audit_action::canary_rollback, audit_status::success);
  t.tell(severity::info, topic::rollback,
         fmt::format("deployment {} is rolled back", t.self.deployment_id));
  finish(t, {.as = canary_state::rolled_back, .why = rollback_of(t).why, .verified = is_verified});
}

void retry_later(turn& t, const error& problem) {
  auto& rollback = rollback_of(t);
  const auto failures = rollback.attempts + rollback.token_failures;
  // Without a token, nothing was sent. So the first attempt is still to come, and no Retry-After
  // delays it.
  const bool comes_first = rollback.attempts == 0 && problem.kind == fault::no_token;
  ++(comes_first ? rollback.token_failures : rollback.attempts);
  t.tell(backoff_has_grown(failures, longest_wait) ? severity::critical : severity::warning,
         topic::rollback_unsettled,
         fmt::format("attempt {} to roll back deployment {} failed, trying again: {}", failures + 1,
                     t.self.deployment_id, problem.text));
  const auto wait = retry_wait(problem, failures, t.at.random, longest_wait,
                               comes_first ? duration::zero() : longest_hold_up);
  // A deployment that cannot be rolled back must not keep the surplus ones alive, so they take
  // turns.
  t.call(
      t.self.surplus_deployments.empty() ? purpose::status_of_rollback : purpose::rollback_surplus,
      t.at.now + wait, comes_first);
}

error still_going(const turn& t, const std::string& status) {
  return {.kind = fault::try_again,
          .text = fmt::format("deployment {} is still \"{}\"", t.self.deployment_id, status)};
}

void send_rollback(turn& t) {
  t.call_now(purpose::rollback, rollback_of(t).attempts == 0);
}

// The newest attempt was refused, and the deployment is not known to be rolled back.
void take_traffic_away(turn& t, const error& problem) {
  auto& rollback = rollback_of(t);
  rollback.answered = newest_attempt::open;
  if (rollback.traffic_removed)
    return retry_later(t, problem);
  t.call_now(purpose::remove_traffic, t.answered->first_attempt);
}

void on_still_live(turn& t, const deployment& found) {
  auto& rollback = rollback_of(t);
  rollback.absent_since.reset();
  // A late traffic change may have given the canary traffic again.
  if (has_traffic(found))
    rollback.traffic_removed = false;
  switch (std::exchange(rollback.answered, newest_attempt::open)) {
    case newest_attempt::refused:
      return take_traffic_away(t, still_going(t, found.status));
    case newest_attempt::open:
      return send_rollback(t);
    case newest_attempt::accepted:
      return retry_later(t, still_going(t, found.status));
  }
}

void record_refusal(turn& t, const std::string& because) {
  if (std::exchange(rollback_of(t).refusal_recorded, true))
    return;
  t.record(audit_action::canary_rollback, audit_status::failure);
  t.tell(severity::critical, topic::rollback_refused, "the rollback was refused: " + because);
}

// Neither the status nor the list tells what became of the deployment.
void on_failed_rollback_look_up(turn& t, const error& problem) {
  auto& rollback = rollback_of(t);
  if (rollback.answered == newest_attempt::accepted && is_refusal(problem)) {
    t.tell(severity::warning, topic::rollback_unsettled,
           "the rollback was accepted, but cannot be verified: " + problem.text);
    return complete_rollback(t, false);
  }
  // No attempt waits for this look-up, so its failure must not keep the rollback from being sent.
  if (rollback.answered == newest_attempt::open)
    return send_rollback(t);
  if (rollback.answered == newest_attempt::refused)
    rollback.answered = newest_attempt::open;
  retry_later(t, problem);
}

void announce(turn& t) {
  t.record(audit_action::canary_rollback, audit_status::triggered);
  t.tell(severity::warning, topic::rollback_started,
         fmt::format("rolling back deployment {} ({}): {}", t.self.deployment_id,
                     to_string(rollback_of(t).why), t.self.detail));
}

// A traffic change or a promote that was under way when the rollback began may still arrive after
// it.
void on_rolled_back(turn& t, const deployment& found) {
  auto& rollback = rollback_of(t);
  const auto& settles_at = rollback.settles_at;
  if (settles_at && t.at.now < *settles_at) {
    if (rollback.answered == newest_attempt::accepted)
      rollback.answered = newest_attempt::open;
    ++rollback.completions;
    return t.call(purpose::status_of_rollback, *settles_at);
  }
  if (settles_at && has_next_step(t) && has_next_share(t, found)) {
    t.tell(
        severity::critical, topic::rollback_unsettled,
        fmt::format(
            "deployment {} is rolled back, but its canary has {}% of the traffic: a late traffic "
            "change has arrived",
            found.id, text::shortest_decimal(*found.canary_percent)));
  }
  complete_rollback(t, true);
}

}  // namespace

void begin_rollback(turn& t, reason why, const std::string& because) {
  // If a promote may have been carried out, the status is read first. Rolling back what is stable
  // now would take the bot away from everybody. The promote may also be carried out later.
  const bool promote_may_land = is_promote_open(t);
  phases::rolling_back next{.why = why, .settles_at = arrival_of_change(t)};
  if (t.is_in<phases::promoting>())
    next.settles_at = t.in<phases::promoting>().settles_at;
  if (promote_may_land)
    next.settles_at = t.at.now + t.at.request_timeout;
  move_on(t, next);
  t.self.detail = because;
  announce(t);
  t.call_now(promote_may_land ? purpose::status_of_rollback : purpose::rollback, true);
}

void resume_rollback(turn& t) {
  auto& self = t.self;
  if (self.records_made == 0) {
    // The rollback of an abandoned canary has not been announced yet.
    self.started_at = t.at.wall;
    announce(t);
  }
  t.call_now(purpose::status_of_rollback, true);
}

void on_rollback(turn& t, const result<void>& outcome) {
  auto& rollback = rollback_of(t);
  if (outcome) {
    rollback.answered = newest_attempt::accepted;
    return t.call_now(purpose::status_of_rollback);
  }
  const auto& problem = outcome.error();
  if (!is_refusal(problem))
    return retry_later(t, problem);
  rollback.answered = newest_attempt::refused;
  // The first refusal leads to taking the traffic away, which is as urgent as the first attempt.
  const bool is_first = !rollback.refusal_recorded;
  if (is_gone(problem))
    return t.call_now(purpose::look_up_rolled_back, is_first);
  record_refusal(t, problem.text);
  t.call_now(purpose::status_of_rollback, is_first);
}

void on_rollback_status(turn& t, const result<deployment>& found) {
  auto& rollback = rollback_of(t);
  if (found) {
    switch (status_of(*found)) {
      case deployment_status::rolled_back:
        return on_rolled_back(t, *found);
      case deployment_status::promoted:
        return end_as_changed(t, deployment_status::promoted);
      default:
        return on_still_live(t, *found);
    }
  }
  const auto& problem = found.error();
  const auto answered = rollback.answered;
  if (is_gone(problem) || (answered == newest_attempt::accepted && is_refusal(problem)))
    return t.call_now(purpose::look_up_rolled_back);
  if (answered == newest_attempt::refused)
    return take_traffic_away(t, problem);
  if (answered == newest_attempt::accepted)
    return retry_later(t, problem);
  // The status cannot be read, but the rollback may get through, and repeating it does no harm.
  send_rollback(t);
}

void on_rollback_look_up(turn& t, const result<std::vector<found_deployment>>& found) {
  auto& rollback = rollback_of(t);
  if (!found)
    return on_failed_rollback_look_up(t, found.error());
  for (const auto& candidate : *found) {
    if (candidate.found.id != t.self.deployment_id)
      continue;
    if (rollback.answered == newest_attempt::refused && is_live(candidate.found))
      record_refusal(t, still_going(t, candidate.found.status).text);
    return on_rollback_status(t, candidate.found);
  }
  if (!rollback.absent_since)
    rollback.absent_since = t.at.now;
  const auto enough = *rollback.absent_since + absence_needed;
  if (t.at.now < enough)
    return t.call(purpose::look_up_rolled_back, enough);
  t.tell(severity::warning, topic::rollback,
         fmt::format("deployment {} is gone and counts as rolled back", t.self.deployment_id));
  complete_rollback(t, false);
}

void on_traffic_removed(turn& t, const result<void>& outcome) {
  if (!outcome)
    return retry_later(t, outcome.error());
  rollback_of(t).traffic_removed = true;
  ++rollback_of(t).removals;
  t.tell(severity::critical, topic::rollback_refused,
         "the rollback is refused, so all traffic was taken away from the canary");
  retry_later(t, {.kind = fault::refused, .text = "the rollback is still refused"});
}

}  // namespace canaryd::canary
