// From sending the deploy until its deployment is known (reference: "Deploy").
#include <fmt/format.h>

#include "canary_turn.hpp"
#include <algorithm>
#include <cstddef>
#include <ranges>

namespace canaryd::canary {
namespace {

using std::chrono::seconds;

// How often a look-up that was refused is tried again.
constexpr seconds recheck{60};

// Whether the call may still be under way. No answer says that it has ended.
bool may_still_happen(const error& problem) {
  return problem.kind == fault::lost || problem.kind == fault::malformed || problem.status == 408 ||
         problem.status == 504;
}

bool listed(const std::vector<std::string>& ids, const std::string& id) {
  return std::ranges::find(ids, id) != ids.end();
}

// RFC 3339 texts sort by time. Numbers are compared by length first. Without a date, the API's
// order is kept.
bool is_older(const deployment& left, const deployment& right) {
  const auto& one = left.created_at;
  const auto& other = right.created_at;
  if (one.empty() || other.empty())
    return false;
  const bool are_numbers = !one.contains('-') && !other.contains('-');
  return are_numbers && one.size() != other.size() ? one.size() < other.size() : one < other;
}

// The live deployments that this job's deploy has made. The first is the one to keep.
std::vector<deployment> matches(const turn& t, const std::vector<found_deployment>& found) {
  const auto& known = t.in<phases::deploying>().before.known_deployments;
  std::vector<deployment> ours;
  for (const auto& [candidate, of_another_job] : found) {
    if (!of_another_job && concerns(t.spec, candidate) && candidate.version == t.spec.version &&
        is_live(candidate) && !listed(known, candidate.id))
      ours.push_back(candidate);
  }
  const auto oldest = std::ranges::min_element(ours, is_older);
  if (oldest != ours.end())
    std::rotate(ours.begin(), oldest, oldest + 1);
  // The API has named it, so it exists even if it is not listed.
  const auto& named = t.self.deployment_id;
  if (!named.empty() && std::ranges::find(ours, named, &deployment::id) == ours.end())
    ours.emplace_back().id = named;
  return ours;
}

void adopt(turn& t, const std::string& id) {
  const bool abort_wanted = is_abort_wanted(t.self);
  t.self.deployment_id = id;
  t.self.detail.clear();
  t.self.phase = phases::watching{};
  t.record(audit_action::canary_initiated, audit_status::success);
  t.tell(severity::info, topic::deploy,
         fmt::format("deployed: {} at {:g}% of the traffic", id, t.spec.steps[0].canary_percent));
  begin_hold(t);
  if (abort_wanted)
    begin_rollback(t, reason::operator_abort, "by " + t.self.decided_by);
}

void adopt_found(turn& t, const std::vector<deployment>& ours) {
  const bool named = !t.self.deployment_id.empty();
  const bool given_up = !named && t.in<phases::deploying>().attempts >= t.spec.provider_error_limit;
  if (ours[0].id != t.self.deployment_id) {
    t.tell(
        severity::warning, topic::deploy_unsettled,
        fmt::format("the deploy whose answer was lost was carried out: deployment {}", ours[0].id));
  }
  for (const auto& extra : ours | std::views::drop(1)) {
    t.self.surplus_deployments.push_back(extra.id);
    t.tell(
        severity::critical, topic::surplus_deployment,
        fmt::format("the deploy was carried out more than once: deployment {} will be rolled back",
                    extra.id));
  }
  adopt(t, ours[0].id);
  if (given_up && !t.is_in<phases::rolling_back>())
    begin_rollback(t, reason::provider_unavailable, "the deploy was not confirmed in time");
}

void send_deploy(turn& t) {
  t.in<phases::deploying>().empty_look_ups = 0;
  t.call_now(purpose::deploy);
}

// The look-up found no deployment of this job. Repeats the deploy, looks up once more, or gives up.
void on_nothing_found(turn& t) {
  auto& deploy = t.in<phases::deploying>();
  ++deploy.empty_look_ups;
  if (t.at.now < deploy.repeat_at)
    return t.call(purpose::look_up_lost_deploy, deploy.repeat_at);
  if (!deploy.refusal.empty())
    return fail(t, reason::deploy_refused, std::string{deploy.refusal});
  if (deploy.attempts < t.spec.provider_error_limit && !deploy.abort_wanted)
    return send_deploy(t);
  if (deploy.empty_look_ups < 2)
    return t.call(purpose::look_up_lost_deploy, t.at.now + t.at.request_timeout);
  fail(t, reason::provider_unavailable,
       told_of_failures(deploy.attempts, "attempt", t.self.detail));
}

// The look-up failed, so nobody knows what became of the deploy.
void on_failed_deploy_look_up(turn& t, const error& problem) {
  const auto failures = ++t.in<phases::deploying>().failed_look_ups;
  if (failures < t.spec.provider_error_limit) {
    t.wait_because(severity::warning, topic::provider, problem.text);
  } else if (is_alarm_due(failures, t.spec.provider_error_limit)) {
    const auto text =
        "a deploy may be live, and " + told_of_failures(failures, "look-up", problem.text);
    if (!is_abort_wanted(t.self))
      t.self.detail = text;
    t.tell(severity::critical, topic::deploy_unsettled, text);
  }
  t.call(purpose::look_up_lost_deploy, t.at.now + wait_after(t, problem, failures - 1));
}

void on_refused_look_up(turn& t, const error& problem) {
  auto& failures = t.in<phases::deploying>().failed_look_ups;
  failures = std::max(failures + 1, t.spec.provider_error_limit);
  t.self.detail = "a deploy may be live, and deployments cannot be listed: " + problem.text;
  t.tell(severity::critical, topic::deploy_unsettled, t.self.detail);
  t.call(purpose::look_up_lost_deploy, t.at.now + recheck);
}

// Nothing was sent, because there was no token. If nothing was sent before either, the deploy has
// not begun.
void on_unsent_deploy(turn& t, const error& problem) {
  auto& deploy = t.in<phases::deploying>();
  const auto failures = ++deploy.token_failures;
  if (deploy.attempts > 0 || deploy.uncertain)
    return wait_for_token(t, problem, failures, purpose::look_up_lost_deploy);
  if (deploy.abort_wanted)
    return fail(t, reason::operator_abort, problem.text);
  t.self.phase = phases::queued{.token_failures = failures};
  wait_for_token(t, problem, failures, purpose::look_up_before_deploy);
}

void on_failed_deploy(turn& t, const error& problem) {
  if (problem.kind == fault::no_token)
    return on_unsent_deploy(t, problem);
  auto& deploy = t.in<phases::deploying>();
  if (is_refusal(problem)) {
    if (!deploy.uncertain)
      return fail(t, reason::deploy_refused, problem.text);
    // An earlier attempt may still be carried out.
    deploy.refusal = problem.text;
    deploy.repeat_at = t.at.now + t.at.request_timeout;
    return t.call_now(purpose::look_up_lost_deploy);
  }
  const auto wait = wait_after(t, problem, deploy.attempts++);
  t.wait_because(severity::warning, topic::deploy_unsettled, problem.text);
  deploy.uncertain = deploy.uncertain || may_have_happened(problem);
  if (may_still_happen(problem)) {
    deploy.repeat_at = t.at.now + std::max(wait, t.at.request_timeout);
    return t.call_now(purpose::look_up_lost_deploy);
  }
  deploy.repeat_at = t.at.now + wait;
  t.call(purpose::look_up_lost_deploy, deploy.repeat_at);
}

}  // namespace

void begin_deploy(turn& t) {
  t.self.phase = phases::deploying{.before = std::move(t.in<phases::queued>().before)};
  t.self.detail.clear();
  send_deploy(t);
}

void on_deploy(turn& t, const result<std::string>& deployment_id) {
  if (!deployment_id)
    return on_failed_deploy(t, deployment_id.error());
  auto& deploy = t.in<phases::deploying>();
  if (!deployment_id->empty()) {
    if (!deploy.uncertain)
      return adopt(t, *deployment_id);
    // An earlier attempt may have made a deployment of its own.
    t.self.deployment_id = *deployment_id;
    return t.call_now(purpose::look_up_lost_deploy);
  }
  ++deploy.attempts;
  deploy.uncertain = true;
  deploy.repeat_at = t.at.now + t.at.request_timeout;
  t.wait_because(severity::warning, topic::deploy_unsettled,
                 "the deploy was accepted, but its answer has no deployment id: looking it up");
  t.call_now(purpose::look_up_lost_deploy);
}

void on_deploy_look_up(turn& t, const looked_up& answer) {
  const auto& found = answer.found;
  auto& deploy = t.in<phases::deploying>();
  if (found) {
    const auto ours = matches(t, *found);
    // A deployment that cannot be read may be this job's. Repeating the deploy would make another
    // one.
    if (ours.empty() && count_possible(t, answer.unreadable) > deploy.before.unreadable)
      return on_failed_deploy_look_up(
          t, {.kind = fault::malformed,
              .text = "a deployment that may be this job's is listed, but cannot be read"});
    deploy.failed_look_ups = 0;
    deploy.token_failures = 0;
    return ours.empty() ? on_nothing_found(t) : adopt_found(t, ours);
  }
  const auto& problem = found.error();
  if (!t.self.deployment_id.empty()) {
    t.tell(
        severity::warning, topic::deploy_unsettled,
        "an earlier attempt may have made another deployment, and deployments cannot be listed: " +
            problem.text);
    return adopt(t, std::string{t.self.deployment_id});
  }
  if (!is_refusal(problem))
    return on_failed_deploy_look_up(t, problem);
  if (!deploy.uncertain)
    return on_nothing_found(t);
  on_refused_look_up(t, problem);
}

void hurry_look_up(turn& t) {
  if (!t.self.next_call || t.self.next_call->what_for != purpose::look_up_lost_deploy)
    return;
  auto& repeat_at = t.in<phases::deploying>().repeat_at;
  // By then, whatever was sent has had as long as an answer may take.
  repeat_at = std::min(repeat_at, t.at.now + t.at.request_timeout);
  t.call_now(purpose::look_up_lost_deploy);
}

void resume_deploy(turn& t, const std::optional<pending_call>& interrupted) {
  // Any call but the deploy was made after the newest attempt had ended, so repeat_at is kept.
  // Otherwise a daemon that is restarted again and again would never repeat the deploy.
  auto& deploy = t.in<phases::deploying>();
  if (!interrupted || interrupted->what_for == purpose::deploy) {
    deploy.uncertain = true;
    deploy.repeat_at = t.at.now + t.at.request_timeout;
  }
  t.call_now(purpose::look_up_lost_deploy);
}

bool is_deploy_lost(const job::job& spec, const canary& current) {
  const auto* deploy = std::get_if<phases::deploying>(&current.phase);
  return deploy != nullptr && deploy->failed_look_ups >= spec.provider_error_limit;
}

bool is_deploy_uncertain(const canary& current) {
  const auto* deploy = std::get_if<phases::deploying>(&current.phase);
  return deploy != nullptr && deploy->uncertain;
}

bool is_abort_wanted(const canary& current) {
  const auto* deploy = std::get_if<phases::deploying>(&current.phase);
  return deploy != nullptr && deploy->abort_wanted;
}

}  // namespace canaryd::canary
