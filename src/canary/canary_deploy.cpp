// From the queue to a deployment that is known (reference: "Deploy").
#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <cstddef>
#include <ranges>

namespace canaryd::canary {
namespace {

using std::chrono::seconds;

// How often a deployment that stands in the way, or a refused look-up, is looked at again.
constexpr seconds recheck{60};
constexpr seconds occupied_recheck{30};

// Whether it may be under way still: nobody has said that it came to an end.
bool may_still_happen(const error& problem) {
  return problem.kind == fault::lost || problem.kind == fault::malformed || problem.status == 408 ||
         problem.status == 504;
}

// How long to wait after that many failures. An operator's abort is not held up, and a canary that
// may be live and unwatched is not held up for long.
duration wait_after(const turn& t, const error& problem, std::int32_t failures) {
  const auto longest = t.self.abort_wanted       ? duration::zero()
                       : t.self.deploy.uncertain ? longest_hold_up
                                                 : longest_deferral;
  return retry_wait(problem, failures, t.at.random, longest_backoff, longest);
}

void wait_for_token(turn& t, const error& problem, operation then) {
  ++t.self.token_failures;
  t.wait_because(severity::warning, topic::token, "waiting for an access token: " + problem.text);
  t.call(then, t.at.now + wait_after(t, problem, t.self.token_failures - 1));
}

// A question before the first attempt failed. Nothing has been sent, so giving up leaves nothing
// running.
void retry_question(turn& t, const error& problem, operation question) {
  if (problem.kind == fault::no_token)
    return wait_for_token(t, problem, question);
  if (++t.self.attempts >= t.spec.provider_error_limit)
    return fail(t, reason::provider_unavailable, problem.text);
  t.wait_because(severity::warning, topic::provider, problem.text);
  t.call(question, t.at.now + wait_after(t, problem, t.self.attempts - 1));
}

bool listed(const std::vector<std::string>& ids, const std::string& id) {
  return std::ranges::find(ids, id) != ids.end();
}

bool names_other(const std::string& value, const std::string& ours) {
  return !value.empty() && value != ours;
}

// The look-up asks for one bot and environment; an API that answers with more is not believed.
bool concerns(const job::job& spec, const deployment& found) {
  return !names_other(found.bot_id, spec.bot_id) &&
         !names_other(found.environment_id, spec.environment_id);
}

// Of the deployments that cannot be read, those that may be this job's.
std::int32_t count_possible(const turn& t, const std::vector<deployment>& unreadable) {
  const auto possible = std::ranges::count_if(unreadable, [&t](const deployment& each) {
    return concerns(t.spec, each) && is_live(each) && !names_other(each.version, t.spec.version);
  });
  return static_cast<std::int32_t>(std::min<std::ptrdiff_t>(possible, 1'000'000));
}

// RFC 3339 texts sort by time, numbers by length first. Without a date the API's order stands.
bool is_older(const deployment& left, const deployment& right) {
  const auto& one = left.created_at;
  const auto& other = right.created_at;
  if (one.empty() || other.empty())
    return false;
  const bool are_numbers = !one.contains('-') && !other.contains('-');
  return are_numbers && one.size() != other.size() ? one.size() < other.size() : one < other;
}

// Live deployments that this job's deploy has made, the one to keep first.
std::vector<deployment> matches(const turn& t, const std::vector<found_deployment>& found) {
  std::vector<deployment> ours;
  for (const auto& [candidate, of_another_job] : found) {
    if (!of_another_job && concerns(t.spec, candidate) && candidate.version == t.spec.version &&
        is_live(candidate) && !listed(t.self.deploy.known_deployments, candidate.id))
      ours.push_back(candidate);
  }
  const auto oldest = std::ranges::min_element(ours, is_older);
  if (oldest != ours.end())
    std::rotate(ours.begin(), oldest, oldest + 1);
  // The API has named it, so it is there, listed or not.
  const auto& named = t.self.deployment_id;
  if (!named.empty() && std::ranges::find(ours, named, &deployment::id) == ours.end())
    ours.emplace_back().id = named;
  return ours;
}

void adopt(turn& t, const std::string& id) {
  t.self.deployment_id = id;
  t.self.detail.clear();
  t.self.token_failures = 0;
  t.record(audit_action::canary_initiated, audit_status::success);
  t.tell(severity::info, topic::deploy,
         fmt::format("deployed: {} at {:g}% of the traffic", id, t.spec.steps[0].canary_percent));
  begin_hold(t);
  if (t.self.abort_wanted)
    begin_rollback(t, reason::operator_abort, "by " + t.self.decided_by);
}

void adopt_found(turn& t, const std::vector<deployment>& ours) {
  const bool named = !t.self.deployment_id.empty();
  const bool given_up = !named && t.self.attempts >= t.spec.provider_error_limit;
  if (ours[0].id != t.self.deployment_id) {
    t.tell(severity::warning, topic::deploy_unsettled,
           fmt::format("the deploy whose answer was lost had been carried out: {}", ours[0].id));
  }
  for (const auto& extra : ours | std::views::drop(1)) {
    t.self.surplus_deployments.push_back(extra.id);
    t.tell(severity::critical, topic::surplus_deployment,
           fmt::format("the deploy was carried out more than once: {} is rolled back", extra.id));
  }
  adopt(t, ours[0].id);
  if (given_up && t.self.state != canary_state::rolling_back)
    begin_rollback(t, reason::provider_unavailable, "the deploy was not confirmed in time");
}

void send_deploy(turn& t) {
  t.self.deploy.empty_look_ups = 0;
  t.call_now(operation::deploy);
}

// Nothing of ours is there. Repeat the deploy, look once more, or stop.
void on_nothing_found(turn& t) {
  auto& deploy = t.self.deploy;
  ++deploy.empty_look_ups;
  if (t.at.now < deploy.repeat_at)
    return t.call(operation::look_up, deploy.repeat_at);
  if (!deploy.refusal.empty())
    return fail(t, reason::deploy_refused, deploy.refusal);
  if (t.self.attempts < t.spec.provider_error_limit && !t.self.abort_wanted)
    return send_deploy(t);
  if (deploy.empty_look_ups < 2)
    return t.call(operation::look_up, t.at.now + t.at.request_timeout);
  fail(t, reason::provider_unavailable,
       told_of_failures(t.self.attempts, "attempt", t.self.detail));
}

// What became of the deploy cannot be found out.
void on_failed_look_up(turn& t, const error& problem) {
  const auto failures = ++t.self.deploy.failed_look_ups;
  if (failures < t.spec.provider_error_limit) {
    t.wait_because(severity::warning, topic::provider, problem.text);
  } else if (is_alarm_due(failures, t.spec.provider_error_limit)) {
    const auto text =
        "a deploy may be live, and " + told_of_failures(failures, "look-up", problem.text);
    if (!t.self.abort_wanted)
      t.self.detail = text;
    t.tell(severity::critical, topic::deploy_unsettled, text);
  }
  t.call(operation::look_up, t.at.now + wait_after(t, problem, failures - 1));
}

void on_refused_look_up(turn& t, const error& problem) {
  auto& failures = t.self.deploy.failed_look_ups;
  failures = std::max(failures + 1, t.spec.provider_error_limit);
  t.self.detail = "a deploy may be live, and deployments cannot be listed: " + problem.text;
  t.tell(severity::critical, topic::deploy_unsettled, t.self.detail);
  t.call(operation::look_up, t.at.now + recheck);
}

void on_failed_deploy(turn& t, const error& problem) {
  auto& deploy = t.self.deploy;
  if (problem.kind == fault::no_token) {
    if (t.self.attempts == 0 && !deploy.uncertain) {
      if (t.self.abort_wanted)
        return fail(t, reason::operator_abort, problem.text);
      t.self.state = canary_state::queued;
    }
    return wait_for_token(t, problem, operation::look_up);
  }
  if (is_refusal(problem)) {
    if (!deploy.uncertain)
      return fail(t, reason::deploy_refused, problem.text);
    // An earlier attempt may still land.
    deploy.refusal = problem.text;
    deploy.repeat_at = t.at.now + t.at.request_timeout;
    return t.call_now(operation::look_up);
  }
  const auto wait = wait_after(t, problem, t.self.attempts++);
  t.wait_because(severity::warning, topic::deploy_unsettled, problem.text);
  deploy.uncertain = deploy.uncertain || may_have_happened(problem);
  if (may_still_happen(problem)) {
    deploy.repeat_at = t.at.now + std::max(wait, t.at.request_timeout);
    return t.call_now(operation::look_up);
  }
  deploy.repeat_at = t.at.now + wait;
  t.call(operation::look_up, deploy.repeat_at);
}

}  // namespace

void fail(turn& t, reason why, const std::string& because) {
  // Whatever kept the deploy from being made, it is what the operator wanted.
  t.self.why = t.self.abort_wanted ? reason::operator_abort : why;
  t.self.detail = t.self.abort_wanted ? "by " + t.self.decided_by : because;
  if (t.self.abort_wanted)
    t.tell(severity::warning, topic::deploy_failed, "aborted, and nothing was deployed");
  else
    t.tell(severity::error, topic::deploy_failed, "deploy failed: " + because);
  t.record(audit_action::canary_failed, audit_status::failure);
  finish(t, canary_state::failed, *t.self.why);
}

void start_queue(turn& t) {
  if (t.self.started_at == wall_time{})
    t.self.started_at = t.at.wall;
  t.self.attempts = 0;
  t.call_now(t.at.checks_versions ? operation::check_version : operation::look_up);
}

void on_version(turn& t, const result<bool>& listed_there) {
  if (!listed_there) {
    if (is_refusal(listed_there.error()))
      return fail(t, reason::deploy_refused, listed_there.error().text);
    return retry_question(t, listed_there.error(), operation::check_version);
  }
  if (!*listed_there) {
    return fail(t, reason::deploy_refused,
                fmt::format("version {} of bot {} is not listed", t.spec.version, t.spec.bot_id));
  }
  t.call_now(operation::look_up);
}

void on_pre_deploy_look_up(turn& t, const looked_up& answer) {
  const auto& found = answer.found;
  auto& deploy = t.self.deploy;
  deploy = {};
  if (!found && !is_refusal(found.error()))
    return retry_question(t, found.error(), operation::look_up);
  t.self.attempts = 0;
  t.self.token_failures = 0;
  if (!found) {
    t.tell(severity::warning, topic::deploy_unsettled,
           "deployments cannot be listed, so a lost answer could not be cleared up: " +
               found.error().text);
  } else {
    deploy.unreadable_before = count_possible(t, answer.unreadable);
    for (const auto& [candidate, of_another_job] : *found) {
      deploy.known_deployments.push_back(candidate.id);
      if (of_another_job || !is_live(candidate) || !concerns(t.spec, candidate))
        continue;
      t.wait_because(severity::warning, topic::waiting,
                     fmt::format("waiting: deployment {} of this bot is live and belongs to no job",
                                 candidate.id));
      return t.call(operation::look_up, t.at.now + occupied_recheck);
    }
  }
  if (t.spec.webhook_url.empty()) {
    begin_deploy(t);
  } else {
    t.call_now(operation::register_webhook);
  }
}

void begin_deploy(turn& t) {
  t.self.state = canary_state::deploying;
  t.self.detail.clear();
  send_deploy(t);
}

void on_deploy(turn& t, const result<std::string>& deployment_id) {
  if (!deployment_id)
    return on_failed_deploy(t, deployment_id.error());
  auto& deploy = t.self.deploy;
  if (!deployment_id->empty()) {
    if (!deploy.uncertain)
      return adopt(t, *deployment_id);
    // An earlier attempt may have made a deployment of its own.
    t.self.deployment_id = *deployment_id;
    return t.call_now(operation::look_up);
  }
  ++t.self.attempts;
  deploy.uncertain = true;
  deploy.repeat_at = t.at.now + t.at.request_timeout;
  t.wait_because(severity::warning, topic::deploy_unsettled,
                 "the deploy was accepted without a deployment id: looking it up");
  t.call_now(operation::look_up);
}

void on_deploy_look_up(turn& t, const looked_up& answer) {
  const auto& found = answer.found;
  if (found) {
    const auto ours = matches(t, *found);
    // What cannot be read may be what the deploy has made: repeating it would make another one.
    if (ours.empty() && count_possible(t, answer.unreadable) > t.self.deploy.unreadable_before)
      return on_failed_look_up(
          t, {.kind = fault::malformed,
              .text = "a deployment that may be this job's is listed, but cannot be read"});
    t.self.deploy.failed_look_ups = 0;
    t.self.token_failures = 0;
    return ours.empty() ? on_nothing_found(t) : adopt_found(t, ours);
  }
  const auto& problem = found.error();
  if (!t.self.deployment_id.empty()) {
    t.tell(
        severity::warning, topic::deploy_unsettled,
        "an earlier attempt may have made another deployment, and deployments cannot be listed: " +
            problem.text);
    return adopt(t, t.self.deployment_id);
  }
  if (!is_refusal(problem))
    return on_failed_look_up(t, problem);
  if (!t.self.deploy.uncertain)
    return on_nothing_found(t);
  on_refused_look_up(t, problem);
}

void hurry_look_up(turn& t) {
  if (!t.self.next_call || t.self.next_call->what != operation::look_up)
    return;
  // Whatever was sent has had as long as an answer may take by then.
  t.self.deploy.repeat_at = std::min(t.self.deploy.repeat_at, t.at.now + t.at.request_timeout);
  t.call_now(operation::look_up);
}

void resume_deploy(turn& t, const std::optional<pending_call>& interrupted) {
  // Anything but the deploy was wanted only after the newest attempt had ended, and repeat_at
  // stands: a daemon that is started over and over has to get on nevertheless.
  if (!interrupted || interrupted->what == operation::deploy) {
    t.self.deploy.uncertain = true;
    t.self.deploy.repeat_at = t.at.now + t.at.request_timeout;
  }
  t.call_now(operation::look_up);
}

bool is_deploy_lost(const job::job& spec, const canary& current) {
  return current.state == canary_state::deploying &&
         current.deploy.failed_look_ups >= spec.provider_error_limit;
}

}  // namespace canaryd::canary
