// The questions that a canary asks before it sends the deploy (reference: "Deploy").
#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <cstddef>

namespace canaryd::canary {
namespace {

// How long it takes until a deployment that stands in the way is looked at again.
constexpr std::chrono::seconds occupied_recheck{30};

// A question before the first attempt failed. Nothing has been sent, so giving up leaves nothing
// running.
void retry_question(turn& t, const error& problem, purpose question) {
  auto& queued = t.in<phases::queued>();
  if (problem.kind == fault::no_token)
    return wait_for_token(t, problem, ++queued.token_failures, question);
  const auto failures = ++queued.attempts;
  if (failures >= t.spec.provider_error_limit)
    return fail(t, reason::provider_unavailable, problem.text);
  t.wait_because(severity::warning, topic::provider, problem.text);
  t.call(question, t.at.now + wait_after(t, problem, failures - 1));
}

bool names_other(const std::string& value, const std::string& ours) {
  return !value.empty() && value != ours;
}

}  // namespace

duration wait_after(const turn& t, const error& problem, std::int32_t failures) {
  const auto longest = is_abort_wanted(t.self)       ? duration::zero()
                       : is_deploy_uncertain(t.self) ? longest_hold_up
                                                     : longest_deferral;
  return retry_wait(problem, failures, t.at.random, longest_backoff, longest);
}

void wait_for_token(turn& t, const error& problem, std::int32_t failures, purpose then) {
  t.wait_because(severity::warning, topic::token, "waiting for an access token: " + problem.text);
  t.call(then, t.at.now + wait_after(t, problem, failures - 1));
}

bool concerns(const job::job& spec, const deployment& found) {
  return !names_other(found.bot_id, spec.bot_id) &&
         !names_other(found.environment_id, spec.environment_id);
}

std::int32_t count_possible(const turn& t, const std::vector<deployment>& unreadable) {
  const auto possible = std::ranges::count_if(unreadable, [&t](const deployment& each) {
    return concerns(t.spec, each) && is_live(each) && !names_other(each.version, t.spec.version);
  });
  return static_cast<std::int32_t>(std::min<std::ptrdiff_t>(possible, 1'000'000));
}

void fail(turn& t, reason why, const std::string& because) {
  // Whatever prevented the deploy, the operator wanted it to end.
  const bool aborted = why == reason::operator_abort || is_abort_wanted(t.self);
  if (aborted)
    t.tell(severity::warning, topic::deploy_failed, "aborted, and nothing was deployed");
  else
    t.tell(severity::error, topic::deploy_failed, "the deploy failed: " + because);
  t.self.detail = aborted ? "by " + t.self.decided_by : because;
  finish(t, {.as = canary_state::failed, .why = aborted ? reason::operator_abort : why});
  t.record(audit_action::canary_failed, audit_status::failure);
}

void start_queue(turn& t) {
  if (t.self.started_at == wall_time{})
    t.self.started_at = t.at.wall;
  t.in<phases::queued>().attempts = 0;
  t.call_now(t.at.checks_versions ? purpose::check_version : purpose::look_up_before_deploy);
}

void on_version(turn& t, const result<bool>& listed_there) {
  if (!listed_there) {
    if (is_refusal(listed_there.error()))
      return fail(t, reason::deploy_refused, listed_there.error().text);
    return retry_question(t, listed_there.error(), purpose::check_version);
  }
  if (!*listed_there) {
    return fail(t, reason::deploy_refused,
                fmt::format("version {} of bot {} is not listed", t.spec.version, t.spec.bot_id));
  }
  t.call_now(purpose::look_up_before_deploy);
}

void on_pre_deploy_look_up(turn& t, const looked_up& answer) {
  const auto& found = answer.found;
  if (!found && !is_refusal(found.error()))
    return retry_question(t, found.error(), purpose::look_up_before_deploy);
  t.in<phases::queued>() = {};
  auto& before = t.in<phases::queued>().before;
  if (!found) {
    t.tell(severity::warning, topic::deploy_unsettled,
           "deployments cannot be listed, so nobody can find out what a deploy has made if its "
           "answer is lost: " +
               found.error().text);
  } else {
    before.unreadable = count_possible(t, answer.unreadable);
    for (const auto& [candidate, of_another_job] : *found) {
      before.known_deployments.push_back(candidate.id);
      if (of_another_job || !is_live(candidate) || !concerns(t.spec, candidate))
        continue;
      t.wait_because(severity::warning, topic::waiting,
                     fmt::format("waiting: deployment {} of this bot is live and belongs to no job",
                                 candidate.id));
      return t.call(purpose::look_up_before_deploy, t.at.now + occupied_recheck);
    }
  }
  if (t.spec.webhook_url.empty()) {
    begin_deploy(t);
  } else {
    t.call_now(purpose::register_webhook);
  }
}

}  // namespace canaryd::canary
