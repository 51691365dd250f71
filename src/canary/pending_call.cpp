// The calls of a canary and what they carry.
#include "canaryd/canary/pending_call.hpp"

#include <fmt/format.h>

#include "canary_turn.hpp"
#include <utility>

namespace canaryd::canary {

std::string_view to_string(operation what) {
  switch (what) {
    case operation::check_version:
      return "check_version";
    case operation::look_up:
      return "look_up";
    case operation::register_webhook:
      return "register_webhook";
    case operation::deploy:
      return "deploy";
    case operation::read_status:
      return "read_status";
    case operation::change_traffic:
      return "change_traffic";
    case operation::promote:
      return "promote";
    case operation::rollback:
      return "rollback";
    case operation::remove_traffic:
      return "remove_traffic";
    case operation::rollback_surplus:
      return "rollback_surplus";
    case operation::read_surplus:
      return "read_surplus";
  }
  return "";
}

operation operation_of(purpose what_for) {
  switch (what_for) {
    case purpose::check_version:
      return operation::check_version;
    case purpose::look_up_before_deploy:
    case purpose::look_up_lost_deploy:
    case purpose::look_up_rolled_back:
      return operation::look_up;
    case purpose::register_webhook:
      return operation::register_webhook;
    case purpose::deploy:
      return operation::deploy;
    case purpose::status_for_external_change:
    case purpose::status_of_traffic:
    case purpose::status_of_promote:
    case purpose::status_of_rollback:
      return operation::read_status;
    case purpose::change_traffic:
      return operation::change_traffic;
    case purpose::promote:
      return operation::promote;
    case purpose::rollback:
      return operation::rollback;
    case purpose::remove_traffic:
      return operation::remove_traffic;
    case purpose::rollback_surplus:
      return operation::rollback_surplus;
    case purpose::status_of_accepted_surplus:
    case purpose::status_of_refused_surplus:
      return operation::read_surplus;
  }
  std::unreachable();
}

std::string deployment_of(const canary& current, purpose what_for) {
  switch (operation_of(what_for)) {
    case operation::check_version:
    case operation::look_up:
    case operation::register_webhook:
    case operation::deploy:
      return {};
    case operation::rollback_surplus:
    case operation::read_surplus:
      return current.surplus_deployments.empty() ? std::string{}
                                                 : current.surplus_deployments.front();
    default:
      return current.deployment_id;
  }
}

// A key has the deployment's id. Otherwise a job that turns out to have two deployments would use
// one key for both.
std::string idempotency_key(const canary& current, operation what) {
  const auto key = [&current](std::string_view deed) {
    return fmt::format("{}-{}-{}", current.uid, deed, current.deployment_id);
  };
  // An action that was undone needs a new key when it is repeated. An API that knows the old key
  // would only repeat its old answer.
  const auto key_after = [&key](std::string_view deed, std::int32_t times_done) {
    return times_done == 0 ? key(deed) : fmt::format("{}-{}", key(deed), times_done + 1);
  };
  const auto* rollback = std::get_if<phases::rolling_back>(&current.phase);
  switch (what) {
    case operation::register_webhook:
      return current.uid + "-webhook";
    case operation::deploy:
      return current.uid + "-deploy";
    case operation::change_traffic:
      return fmt::format("{}-{}", key("traffic"), current.hold.step + 2);
    case operation::promote:
      return key("promote");
    case operation::rollback:
      return key_after("rollback", rollback != nullptr ? rollback->completions : 0);
    case operation::remove_traffic:
      return key_after("no-traffic", rollback != nullptr ? rollback->removals : 0);
    case operation::rollback_surplus:
      return fmt::format("{}-rollback-{}", current.uid,
                         deployment_of(current, purpose::rollback_surplus));
    default:
      return {};
  }
}

}  // namespace canaryd::canary
