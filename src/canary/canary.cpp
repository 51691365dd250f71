#include "canaryd/canary/canary.hpp"

#include <utility>

namespace canaryd::canary {

std::string_view to_string(canary_state state) {
  switch (state) {
    case canary_state::queued:
      return "queued";
    case canary_state::deploying:
      return "deploying";
    case canary_state::observing:
      return "observing";
    case canary_state::paused:
      return "paused";
    case canary_state::waiting_approval:
      return "waiting_approval";
    case canary_state::promoting:
      return "promoting";
    case canary_state::rolling_back:
      return "rolling_back";
    case canary_state::promoted_to_stable:
      return "promoted_to_stable";
    case canary_state::rolled_back:
      return "rolled_back";
    case canary_state::failed:
      return "failed";
  }
  return "";
}

std::string_view to_string(reason why) {
  switch (why) {
    case reason::passed:
      return "passed";
    case reason::proven_early:
      return "proven_early";
    case reason::inconclusive:
      return "inconclusive";
    case reason::operator_promote:
      return "operator_promote";
    case reason::operator_abort:
      return "operator_abort";
    case reason::gate_timeout:
      return "gate_timeout";
    case reason::external_change:
      return "external_change";
    case reason::threshold_breach:
      return "threshold_breach";
    case reason::hard_limit:
      return "hard_limit";
    case reason::provider_unavailable:
      return "provider_unavailable";
    case reason::step_refused:
      return "step_refused";
    case reason::promote_refused:
      return "promote_refused";
    case reason::deploy_refused:
      return "deploy_refused";
  }
  return "";
}

std::int64_t total(const reading_counts& counts) {
  return counts.pass + counts.breach + counts.no_data + counts.provider_error;
}

bool is_final(canary_state state) {
  return state == canary_state::promoted_to_stable || state == canary_state::rolled_back ||
         state == canary_state::failed;
}

double next_share(const job::job& spec, const canary& current) {
  return spec.steps[static_cast<std::size_t>(current.hold.step) + 1].canary_percent;
}

std::optional<instant> counted_from(const job::job& spec, const canary& current) {
  if (!is_sequential(spec))
    return std::nullopt;
  return current.hold.counted_from;
}

bool is_passing(const canary& current) {
  return current.newest && current.newest->outcome == judge::verdict::pass;
}

canary make_canary(std::string job_id, std::string uid, const job::job& spec) {
  canary made;
  made.job_id = std::move(job_id);
  made.uid = std::move(uid);
  made.extension_left = spec.max_extension;
  return made;
}

canary make_abandoned(std::string job_id, std::string uid, std::string deployment_id, instant now) {
  canary made;
  made.job_id = std::move(job_id);
  made.uid = std::move(uid);
  made.phase = phases::rolling_back{.why = reason::inconclusive};
  made.detail = "the daemon has no record of this canary";
  made.deployment_id = std::move(deployment_id);
  made.next_call = pending_call{.what_for = purpose::status_of_rollback,
                                .deployment_id = made.deployment_id,
                                .not_before = now,
                                .first_attempt = true};
  return made;
}

}  // namespace canaryd::canary
