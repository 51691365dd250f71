// Promoting (reference: "Promote"). The canary is still polled meanwhile (canary_watch.cpp).
#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>

namespace canaryd::canary {
namespace {

using std::chrono::seconds;

// How often, and how far apart, a status that says another word is read again after a 2xx.
constexpr std::int32_t most_rereads = 3;
constexpr seconds reread{5};

void send_promote(turn& t) {
  t.in<phases::promoting>().sent = true;
  t.call_now(purpose::promote);
}

void complete(turn& t, bool is_verified) {
  t.record(audit_action::canary_completed, audit_status::success);
  finish(t, {.as = canary_state::promoted_to_stable,
             .why = t.in<phases::promoting>().why,
             .verified = is_verified});
}

void complete_promote(turn& t) {
  t.tell(severity::info, topic::promote,
         fmt::format("deployment {} is promoted", t.self.deployment_id));
  complete(t, true);
}

// The promote was accepted, and nothing more can be learned.
void complete_unverified(turn& t, const std::string& because) {
  const auto text =
      fmt::format("the promote was accepted, but the status does not confirm it: {}", because);
  t.self.detail += (t.self.detail.empty() ? "not verified: " : "; not verified: ") + text;
  t.tell(severity::warning, topic::promote_unsettled,
         fmt::format("deployment {} is taken as promoted, not verified: {}", t.self.deployment_id,
                     text));
  complete(t, false);
}

void on_other_word(turn& t, const std::string& status) {
  auto& promote = t.in<phases::promoting>();
  promote.failed_reads = 0;
  if (++promote.other_words > most_rereads)
    return complete_unverified(t, fmt::format("it says \"{}\"", status));
  t.tell(severity::debug, topic::promote_unsettled,
         fmt::format("the promote was accepted, but the status is \"{}\"", status));
  t.call(purpose::status_of_promote, t.at.now + reread);
}

// An outage will end, so the daemon waits for it. A client that may not read the status will never
// learn more.
void on_unread_status(turn& t, const error& problem) {
  const auto failures = ++t.in<phases::promoting>().failed_reads;
  const auto most =
      is_refusal(problem) ? most_rereads : std::max(most_rereads, t.spec.provider_error_limit);
  if (failures > most)
    return complete_unverified(t, "it cannot be read: " + problem.text);
  t.tell(severity::warning, topic::promote_unsettled,
         "the promote was accepted, but the status cannot be read: " + problem.text);
  const auto wait =
      retry_wait(problem, failures - 1, t.at.random, longest_backoff, longest_hold_up);
  t.call(purpose::status_of_promote, t.at.now + std::max<duration>(wait, reread));
}

void retry_promote(turn& t, const error& problem) {
  const auto failures = ++t.in<phases::promoting>().attempts;
  if (failures >= t.spec.provider_error_limit) {
    return begin_rollback(t, reason::provider_unavailable,
                          told_of_failures(failures, "promote", problem.text));
  }
  t.tell(severity::warning, topic::promote_unsettled,
         "the promote is not done yet, trying again: " + problem.text);
  t.call(purpose::status_of_promote, t.at.now + retry_wait(problem, failures - 1, t.at.random,
                                                           longest_backoff, longest_hold_up));
}

}  // namespace

void begin_promote(turn& t, reason why) {
  move_on(t, phases::promoting{.why = why, .settles_at = arrival_of_change(t)});
  t.tell(severity::info, topic::promote,
         fmt::format("promoting deployment {}: {}", t.self.deployment_id, to_string(why)));
  continue_promote(t);
}

void continue_promote(turn& t) {
  if (t.self.surplus_deployments.empty()) {
    send_promote(t);
  } else {
    t.call_now(purpose::rollback_surplus);
  }
}

void on_promote(turn& t, const result<void>& outcome) {
  if (outcome) {
    t.in<phases::promoting>().answered = newest_attempt::accepted;
    return t.call_now(purpose::status_of_promote);
  }
  if (!is_refusal(outcome.error()))
    return retry_promote(t, outcome.error());
  // It may be refused because an earlier attempt, or somebody else, has promoted it already.
  // Rolling back what is stable now would take the bot away from everybody.
  t.in<phases::promoting>().answered = newest_attempt::refused;
  t.self.detail = outcome.error().text;
  t.call_now(purpose::status_of_promote, true);
}

void on_promote_status(turn& t, const result<deployment>& found) {
  auto& promote = t.in<phases::promoting>();
  if (found && !is_live(*found)) {
    const auto status = status_of(*found);
    if (status == deployment_status::promoted && promote.sent)
      return complete_promote(t);
    return end_as_changed(t, status);
  }
  if (promote.answered == newest_attempt::accepted)
    return found ? on_other_word(t, found->status) : on_unread_status(t, found.error());
  if (promote.answered == newest_attempt::refused) {
    promote.sent = !found;
    return begin_rollback(t, reason::promote_refused, t.self.detail);
  }
  if (!found)
    return retry_promote(t, found.error());
  continue_promote(t);
}

void resume_promote(turn& t, const std::optional<pending_call>& interrupted) {
  // An accepted promote gets its time to take effect, however often the daemon is restarted.
  const bool waits = t.in<phases::promoting>().answered == newest_attempt::accepted &&
                     interrupted && interrupted->what_for == purpose::status_of_promote;
  t.call(purpose::status_of_promote,
         waits ? std::max(t.at.now, interrupted->not_before) : t.at.now);
}

bool is_promote_open(const turn& t) {
  return t.is_in<phases::promoting>() && t.in<phases::promoting>().sent;
}

}  // namespace canaryd::canary
