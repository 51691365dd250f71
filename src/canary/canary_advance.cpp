// Hands each event to the part of a canary's life that it concerns.
#include "canaryd/canary/command.hpp"

#include "canary_turn.hpp"
#include <utility>

namespace canaryd::canary {
namespace {

void resume_holding(turn& t) {
  resume_traffic_change(t);
  t.in<phases::watching>().status_wanted = true;
  resume_watch(t);
}

// Resumes each phase after a restart.
struct resumption {
  turn& t;
  std::optional<pending_call> interrupted;

  void operator()(const phases::queued&) const { start_queue(t); }
  void operator()(const phases::deploying&) const { resume_deploy(t, interrupted); }
  void operator()(const phases::watching&) const { resume_holding(t); }
  void operator()(const phases::promoting&) const {
    resume_watch(t);
    resume_promote(t, interrupted);
  }
  void operator()(const phases::rolling_back&) const { resume_rollback(t); }
  void operator()(const phases::clearing_up&) const { clear_up(t); }
  void operator()(const phases::ended&) const {}
};

void resume(turn& t) {
  const resumption goes_on{t, std::exchange(t.self.next_call, std::nullopt)};
  std::visit(goes_on, t.self.phase);
}

void dispatch(turn& t, const looked_up& answer) {
  switch (t.answered->what_for) {
    case purpose::look_up_before_deploy:
      return on_pre_deploy_look_up(t, answer);
    case purpose::look_up_lost_deploy:
      return on_deploy_look_up(t, answer);
    default:
      return on_rollback_look_up(t, answer.found);
  }
}

void dispatch(turn& t, const status_read& answer) {
  if (answer.found)
    warn_of_odd_status(t, *answer.found);
  switch (t.answered->what_for) {
    case purpose::status_of_traffic:
      return on_traffic_status(t, answer.found);
    case purpose::status_for_external_change:
      return on_watched_status(t, answer.found);
    case purpose::status_of_promote:
      return on_promote_status(t, answer.found);
    default:
      return on_rollback_status(t, answer.found);
  }
}

void dispatch(turn& t, const accepted&) {
  start_queue(t);
}
void dispatch(turn& t, const resumed&) {
  resume(t);
}
void dispatch(turn& t, const awoken&) {
  tell_of_gap(t, stretched_interval(t));
}
void dispatch(turn& t, const poll_answered& answer) {
  on_poll(t, answer);
}
void dispatch(turn& t, const version_checked& answer) {
  on_version(t, answer.listed);
}
void dispatch(turn& t, const webhook_settled&) {
  begin_deploy(t);
}
void dispatch(turn& t, const deploy_answered& answer) {
  on_deploy(t, answer.deployment_id);
}
void dispatch(turn& t, const traffic_changed& answer) {
  on_traffic_changed(t, answer.outcome);
}
void dispatch(turn& t, const promote_answered& answer) {
  on_promote(t, answer.outcome);
}
void dispatch(turn& t, const rollback_answered& answer) {
  on_rollback(t, answer.outcome);
}
void dispatch(turn& t, const traffic_removed& answer) {
  on_traffic_removed(t, answer.outcome);
}
void dispatch(turn& t, const surplus_answered& answer) {
  on_surplus(t, answer.outcome);
}
void dispatch(turn& t, const surplus_read& answer) {
  on_surplus_read(t, answer.found);
}
void dispatch(turn& t, const commanded& wish) {
  on_command(t, wish.given);
}

// Uses the call lane of a canary in its hold if nothing else needs the lane.
void use_idle_lane(turn& t) {
  const auto* watching = std::get_if<phases::watching>(&t.self.phase);
  if (watching == nullptr)
    return;
  const auto& busy = t.self.next_call;
  if (watching->status_wanted && (!busy || busy->not_before > t.at.now)) {
    t.call_now(watching->change ? purpose::status_of_traffic : purpose::status_for_external_change);
  } else if (!busy && !t.self.surplus_deployments.empty()) {
    t.call_now(purpose::rollback_surplus);
  }
}

bool answers(operation asked, const event& what) {
  switch (asked) {
    case operation::check_version:
      return std::holds_alternative<version_checked>(what);
    case operation::look_up:
      return std::holds_alternative<looked_up>(what);
    case operation::register_webhook:
      return std::holds_alternative<webhook_settled>(what);
    case operation::deploy:
      return std::holds_alternative<deploy_answered>(what);
    case operation::read_status:
      return std::holds_alternative<status_read>(what);
    case operation::change_traffic:
      return std::holds_alternative<traffic_changed>(what);
    case operation::promote:
      return std::holds_alternative<promote_answered>(what);
    case operation::rollback:
      return std::holds_alternative<rollback_answered>(what);
    case operation::remove_traffic:
      return std::holds_alternative<traffic_removed>(what);
    case operation::rollback_surplus:
      return std::holds_alternative<surplus_answered>(what);
    case operation::read_surplus:
      return std::holds_alternative<surplus_read>(what);
  }
  return false;
}

// Whether the canary waits for the event. An answer may come after the canary has moved on.
bool is_expected(const canary& current, const event& what) {
  if (is_final(current))
    return false;
  if (std::holds_alternative<resumed>(what))
    return true;
  if (std::holds_alternative<awoken>(what))
    return is_watched(current);
  if (std::holds_alternative<accepted>(what))
    return std::holds_alternative<phases::queued>(current.phase) && !current.next_call;
  if (const auto* answer = std::get_if<poll_answered>(&what))
    return is_watched(current) && answer->step == current.hold.step;
  if (const auto* wish = std::get_if<commanded>(&what))
    return judge_command(current, wish->given).effect == command_effect::done;
  return current.next_call && answers(operation_of(current.next_call->what_for), what);
}

// An answer ends the call it answers; readings and commands come from elsewhere.
bool ends_call(const event& what) {
  return !std::holds_alternative<poll_answered>(what) && !std::holds_alternative<resumed>(what) &&
         !std::holds_alternative<awoken>(what) && !std::holds_alternative<commanded>(what);
}

}  // namespace

advance_result advance(const job::job& spec, canary before, const event& what, const context& at) {
  if (!is_expected(before, what))
    return {std::move(before), {}, {}};
  turn t{spec, at, std::move(before), {}, {}};
  if (ends_call(what))
    t.answered = std::exchange(t.self.next_call, std::nullopt);
  std::visit([&t](const auto& happened) { dispatch(t, happened); }, what);
  use_idle_lane(t);
  return {std::move(t.self), std::move(t.records), std::move(t.notes)};
}

}  // namespace canaryd::canary
