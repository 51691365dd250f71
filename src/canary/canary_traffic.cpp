// Raising the traffic to the next step's share (reference: "Traffic change"). The hold before it is
// watched on until the new share is confirmed.
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <cmath>

namespace canaryd::canary {
namespace {

// How far the share that the API reports may be from the one that was asked for, in percentage
// points.
constexpr double share_tolerance = 0.1;

std::string share_text(const turn& t) {
  return text::shortest_decimal(next_share(t.spec, t.self)) + "%";
}

traffic_change& change(turn& t) {
  return *t.in<phases::watching>().change;
}

// A paused canary waits. When it is resumed, its status is read, which leads here again.
void send_traffic_change(turn& t) {
  if (!t.in<phases::watching>().stopped)
    t.call(purpose::change_traffic, std::max(t.at.now, change(t).repeat_at));
}

void complete_traffic_change(turn& t) {
  const auto text = share_text(t);
  t.in<phases::watching>().change.reset();
  t.self.detail.clear();
  begin_next_hold(t);
  t.record(audit_action::canary_step, audit_status::success);
  t.tell(severity::info, topic::step,
         fmt::format("step {} of {}: the canary has {} of the traffic", t.self.hold.step + 1,
                     t.spec.steps.size(), text));
}

// A traffic change never gives up, because a watched canary may wait for its next share as long as
// it is healthy.
void retry_traffic_change(turn& t, const error& problem) {
  auto& traffic = change(t);
  const auto failures = traffic.attempts++;
  traffic.repeat_at =
      t.at.now + retry_wait(problem, failures, t.at.random, longest_backoff, longest_hold_up);
  t.tell(backoff_has_grown(failures) ? severity::warning : severity::debug, topic::step_unsettled,
         fmt::format("attempt {} to set the traffic to {} failed, trying again: {}",
                     traffic.attempts, share_text(t), problem.text));
  t.call(purpose::status_of_traffic, traffic.repeat_at);
}

}  // namespace

bool has_next_share(const turn& t, const deployment& found) {
  constexpr double rounding = 1e-9;
  return found.canary_percent &&
         std::abs(*found.canary_percent - next_share(t.spec, t.self)) <= share_tolerance + rounding;
}

void begin_traffic_change(turn& t) {
  t.in<phases::watching>().change.emplace();
  t.self.detail = "setting the traffic to " + share_text(t);
  t.tell(severity::info, topic::step, t.self.detail);
  send_traffic_change(t);
}

void on_traffic_changed(turn& t, const result<void>& outcome) {
  if (outcome)
    return complete_traffic_change(t);
  const auto& problem = outcome.error();
  if (!is_refusal(problem)) {
    if (may_have_happened(problem))
      change(t).sent_at = t.at.now;
    return retry_traffic_change(t, problem);
  }
  // It may be refused because somebody else has promoted the deployment. Rolling back what is
  // stable now would take the bot away from everybody.
  change(t).answered = newest_attempt::refused;
  t.self.detail = problem.text;
  t.call_now(purpose::status_of_traffic);
}

void on_traffic_status(turn& t, const result<deployment>& found) {
  t.in<phases::watching>().status_wanted = false;
  if (found && !is_live(*found))
    return end_as_changed(t, status_of(*found));
  if (found && has_next_share(t, *found))
    return complete_traffic_change(t);
  if (change(t).answered == newest_attempt::refused) {
    const auto because = t.self.detail;
    return begin_rollback(t, reason::step_refused, because);
  }
  // If the status may never be read, setting the same share again does no harm.
  if (!found && !is_refusal(found.error()))
    return retry_traffic_change(t, found.error());
  send_traffic_change(t);
}

void resume_traffic_change(turn& t) {
  if (is_changing_traffic(t.self))
    change(t).sent_at = t.at.now;
}

void withhold_traffic_change(turn& t) {
  const auto& call = t.self.next_call;
  if (!call || call->what_for != purpose::change_traffic)
    return;
  // The change may be under way. The status shows whether it has arrived.
  change(t).sent_at = t.at.now;
  t.call(purpose::status_of_traffic, t.at.now + t.at.request_timeout);
}

std::optional<instant> arrival_of_change(const turn& t) {
  if (!is_changing_traffic(t.self))
    return std::nullopt;
  const auto& call = t.self.next_call;
  const bool is_in_flight =
      call && call->what_for == purpose::change_traffic && call->not_before <= t.at.now;
  if (!is_in_flight && !t.in<phases::watching>().change->sent_at)
    return std::nullopt;
  return t.at.now + t.at.request_timeout;
}

void move_on(turn& t, canary_phase next) {
  const bool gives_up_change = is_changing_traffic(t.self);
  t.self.phase = std::move(next);
  if (gives_up_change)
    t.record(audit_action::canary_step, audit_status::failure);
}

}  // namespace canaryd::canary
