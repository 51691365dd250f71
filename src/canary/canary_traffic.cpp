// Raising the traffic to the next step's share (reference: "Traffic change"). The hold before it is
// watched on until the new share is confirmed.
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <cmath>

namespace canaryd::canary {
namespace {

// How far the share that the API tells may be from the one that was asked for, in percent.
constexpr double share_tolerance = 0.1;

std::string share_text(const turn& t) {
  return text::shortest_decimal(next_share(t.spec, t.self)) + "%";
}

// While the canary is paused it waits: resuming asks for the status, which leads here again.
void send_traffic_change(turn& t) {
  if (t.self.state == canary_state::observing)
    t.call(operation::change_traffic, std::max(t.at.now, t.self.traffic.repeat_at));
}

void complete_traffic_change(turn& t) {
  const auto text = share_text(t);
  t.self.traffic = {};
  t.self.detail.clear();
  begin_next_hold(t);
  t.record(audit_action::canary_step, audit_status::success);
  t.tell(severity::info, topic::step,
         fmt::format("step {} of {}: the canary has {} of the traffic", t.self.hold.step + 1,
                     t.spec.steps.size(), text));
}

// It never gives up: a canary that is watched may wait for its next share as long as it is healthy.
void retry_traffic_change(turn& t, const error& problem) {
  auto& traffic = t.self.traffic;
  const auto failures = t.self.attempts++;
  traffic.repeat_at =
      t.at.now + retry_wait(problem, failures, t.at.random, longest_backoff, longest_hold_up);
  t.tell(backoff_has_grown(failures) ? severity::warning : severity::debug, topic::step_unsettled,
         fmt::format("attempt {} to set the traffic to {} failed, trying again: {}",
                     t.self.attempts, share_text(t), problem.text));
  t.call(operation::read_status, traffic.repeat_at);
}

}  // namespace

bool has_next_share(const turn& t, const deployment& found) {
  constexpr double rounding = 1e-9;
  return found.canary_percent &&
         std::abs(*found.canary_percent - next_share(t.spec, t.self)) <= share_tolerance + rounding;
}

void begin_traffic_change(turn& t) {
  t.self.traffic = {.under_way = true};
  t.self.attempts = 0;
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
      t.self.traffic.sent_at = t.at.now;
    return retry_traffic_change(t, problem);
  }
  // It may be refused because somebody else has promoted it: rolling back what is stable now would
  // take away everybody's bot.
  t.self.traffic.refused = true;
  t.self.detail = problem.text;
  t.call_now(operation::read_status);
}

void on_traffic_status(turn& t, const result<deployment>& found) {
  t.self.status_wanted = false;
  if (found && !is_live(*found))
    return end_as_changed(t, fate_of(*found));
  if (found && has_next_share(t, *found))
    return complete_traffic_change(t);
  if (t.self.traffic.refused) {
    const auto because = t.self.detail;
    return begin_rollback(t, reason::step_refused, because);
  }
  // Where the status will never be told, setting the same share again does no harm.
  if (!found && !is_refusal(found.error()))
    return retry_traffic_change(t, found.error());
  send_traffic_change(t);
}

void resume_traffic_change(turn& t) {
  if (t.self.traffic.under_way)
    t.self.traffic.sent_at = t.at.now;
}

void withhold_traffic_change(turn& t) {
  const auto& call = t.self.next_call;
  if (!call || call->what != operation::change_traffic)
    return;
  // It may be on its way: once it has arrived, the status tells.
  t.self.traffic.sent_at = t.at.now;
  t.call(operation::read_status, t.at.now + t.at.request_timeout);
}

void abandon_traffic_change(turn& t) {
  const auto& traffic = t.self.traffic;
  if (!traffic.under_way)
    return;
  t.record(audit_action::canary_step, audit_status::failure);
  const auto& call = t.self.next_call;
  const bool is_in_flight =
      call && call->what == operation::change_traffic && call->not_before <= t.at.now;
  if (traffic.sent_at || is_in_flight)
    t.self.rollback.settles_at = t.at.now + t.at.request_timeout;
  t.self.traffic = {};
}

}  // namespace canaryd::canary
