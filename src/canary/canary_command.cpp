// What an operator asks for: abort, pause, resume, approve, promote (reference: "Commands").
#include "canaryd/canary/command.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"

namespace canaryd::canary {
namespace {

command_outcome refuse(const canary& current, std::string why) {
  return {command_effect::refused, std::move(why), state_of(current)};
}

command_outcome refuse_state(const canary& current, const command& given) {
  return refuse(current, fmt::format("cannot {} a job in state {}", to_string(given.what),
                                     to_string(state_of(current))));
}

// Says where the operator is mistaken about the canary. Empty if the operator is right.
std::optional<std::string> mistaken(const canary& current, const command& given) {
  const auto state = to_string(state_of(current));
  if (given.expect_state && *given.expect_state != state)
    return fmt::format("the job is {}, not {}", state, *given.expect_state);
  const auto step = current.hold.step + 1;
  if (given.expect_step && *given.expect_step != step)
    return fmt::format("the job is at step {}, not {}", step, *given.expect_step);
  return std::nullopt;
}

bool is_decided(const canary& current, reason why) {
  return why_of(current) == why;
}

command_effect judge_abort(const canary& current) {
  if (is_abort_wanted(current) || is_decided(current, reason::operator_abort))
    return command_effect::already;
  if (is_final(current) || state_of(current) == canary_state::rolling_back)
    return command_effect::refused;
  return command_effect::done;
}

command_effect judge_promote(const canary& current) {
  const auto state = state_of(current);
  if (is_decided(current, reason::operator_promote) &&
      (state == canary_state::promoting || state == canary_state::promoted_to_stable))
    return command_effect::already;
  return is_holding(current) ? command_effect::done : command_effect::refused;
}

command_effect judge_switch(const canary& current, canary_state from, canary_state to) {
  if (state_of(current) == to)
    return command_effect::already;
  return state_of(current) == from ? command_effect::done : command_effect::refused;
}

// An operator repeats an approval whose answer was lost, and the gate may have opened meanwhile.
command_effect judge_approve(const canary& current) {
  const auto state = state_of(current);
  const bool goes_on = is_watched(current) || state == canary_state::promoted_to_stable;
  if (current.hold.approved && goes_on)
    return command_effect::already;
  return state == canary_state::waiting_approval ? command_effect::done : command_effect::refused;
}

command_effect judge_state(const canary& current, const command& given) {
  switch (given.what) {
    case command_kind::abort:
      return judge_abort(current);
    case command_kind::pause:
      return judge_switch(current, canary_state::observing, canary_state::paused);
    case command_kind::resume:
      return judge_switch(current, canary_state::paused, canary_state::observing);
    case command_kind::promote:
      return judge_promote(current);
    case command_kind::approve:
      return judge_approve(current);
  }
  return command_effect::refused;
}

std::string already_done(const canary& current, command_kind what) {
  switch (what) {
    case command_kind::abort:
      return "an operator has already aborted the job";
    case command_kind::approve:
      return "the gate is already approved";
    default:
      return fmt::format("the job is already {}", to_string(state_of(current)));
  }
}

// Says why a promote would be rash. Empty if it would not.
std::optional<std::string> rash(const canary& current) {
  if (!current.newest)
    return "there is no reading yet";
  if (current.newest->outcome == judge::verdict::breach)
    return "the newest reading is a breach";
  if (current.hold.unwatched)
    return "there is no reading yet since the canary went unwatched";
  return std::nullopt;
}

void abort(turn& t, const command& given) {
  t.record_command(audit_action::canary_aborted, given);
  t.self.decided_by = given.actor;
  if (t.is_in<phases::queued>())
    return fail(t, reason::operator_abort, {});
  if (!t.is_in<phases::deploying>())
    return begin_rollback(t, reason::operator_abort, "by " + given.actor);
  // First the daemon finds out what the deploy has made. Then that is rolled back
  // (canary_deploy.cpp).
  t.in<phases::deploying>().abort_wanted = true;
  hurry_look_up(t);
  t.self.detail =
      fmt::format("aborted by {}: the daemon is finding out what the deploy has made", given.actor);
  t.tell(severity::warning, topic::aborting, t.self.detail);
}

void promote(turn& t, const command& given) {
  t.self.decided_by = given.actor;
  t.self.detail = "by " + given.actor;
  begin_promote(t, reason::operator_promote);
}

}  // namespace

std::string_view to_string(command_kind what) {
  switch (what) {
    case command_kind::abort:
      return "abort";
    case command_kind::pause:
      return "pause";
    case command_kind::resume:
      return "resume";
    case command_kind::approve:
      return "approve";
    case command_kind::promote:
      return "promote";
  }
  return "";
}

command_outcome judge_command(const canary& current, const command& given) {
  const auto effect = judge_state(current, given);
  // A repeated command is not refused, although the first one has moved the canary on.
  if (effect == command_effect::already)
    return {effect, already_done(current, given.what), state_of(current)};
  if (auto why = mistaken(current, given))
    return refuse(current, std::move(*why));
  if (effect == command_effect::refused)
    return refuse_state(current, given);
  if (given.what == command_kind::promote && !given.force) {
    if (auto why = rash(current))
      return refuse(current, *why + ": use force to promote it anyway");
  }
  return {command_effect::done, {}, state_of(current)};
}

void on_command(turn& t, const command& given) {
  switch (given.what) {
    case command_kind::abort:
      return abort(t, given);
    case command_kind::pause:
      pause_hold(t);
      t.record_command(audit_action::canary_paused, given);
      return t.tell(severity::info, topic::paused, "paused by " + given.actor);
    case command_kind::resume:
      resume_hold(t);
      t.record_command(audit_action::canary_resumed, given);
      return t.tell(severity::info, topic::resumed, "resumed by " + given.actor);
    case command_kind::promote:
      return promote(t, given);
    case command_kind::approve:
      return approve(t, given);
  }
}

}  // namespace canaryd::canary
