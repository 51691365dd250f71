// A call that a canary wants made, and what its answer is for.
#pragma once

#include "canaryd/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace canaryd::canary {

// A call as the API knows it.
enum class operation : std::uint8_t {
  check_version,
  look_up,
  register_webhook,
  deploy,
  read_status,
  // Set the traffic to the next step's share.
  change_traffic,
  promote,
  rollback,
  // Set the traffic to stable 100, canary 0, because a rollback is refused.
  remove_traffic,
  // Roll back a surplus deployment, and see what became of it.
  rollback_surplus,
  read_surplus,
};

// What a call is made for. The answer is handled by its purpose.
enum class purpose : std::uint8_t {
  check_version,
  look_up_before_deploy,
  register_webhook,
  deploy,
  // Has the deploy that was sent made a deployment?
  look_up_lost_deploy,
  // Has somebody else ended it?
  status_for_external_change,
  change_traffic,
  status_of_traffic,
  promote,
  status_of_promote,
  rollback,
  status_of_rollback,
  // Is the deployment that is to be rolled back still there?
  look_up_rolled_back,
  remove_traffic,
  rollback_surplus,
  status_of_accepted_surplus,
  status_of_refused_surplus,
};

inline constexpr std::size_t purpose_count =
    static_cast<std::size_t>(purpose::status_of_refused_surplus) + 1;

operation operation_of(purpose what_for);

std::string_view to_string(operation what);

struct pending_call {
  purpose what_for = purpose::look_up_before_deploy;
  // The deployment that it concerns. Empty if it concerns none.
  std::string deployment_id;
  // The share to set, in percent.
  double share = 0.0;
  // The Idempotency-Key. Empty if the call changes nothing.
  std::string key;
  instant not_before;
  // The first call on the way to a rollback. It is always served next.
  bool first_attempt = false;
  // Different from that of the call before.
  std::uint32_t serial = 0;

  bool operator==(const pending_call&) const = default;
};
BOOST_DESCRIBE_STRUCT(pending_call, (),
                      (what_for, deployment_id, share, key, not_before, first_attempt, serial))

}  // namespace canaryd::canary
