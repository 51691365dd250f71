// A decision as the API's audit log is told of it (reference: "Audit records").
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/judge/metrics.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace canaryd::canary {

enum class audit_action : std::uint8_t {
  canary_initiated,
  canary_rollback,
  canary_completed,
  canary_failed,
  canary_extended,
  canary_paused,
  canary_resumed,
  canary_aborted,
  canary_step,
  canary_approved,
};

enum class audit_status : std::uint8_t { success, failure, triggered };

std::string_view to_string(audit_action action);
std::string_view to_string(audit_status status);

struct audit_record {
  // Unique, and the same however often the record is sent.
  std::string record_id;
  wall_time timestamp;
  std::string job_id;
  std::string bot_id;
  // Empty before the deployment is known.
  std::string deployment_id;
  audit_action action = audit_action::canary_initiated;
  audit_status status = audit_status::success;
  // The values of the newest reading, if there is one.
  judge::metrics_sample metrics;
  // "canaryd" or "user(uid)".
  std::string actor = "canaryd";
  std::string reason;
};

}  // namespace canaryd::canary
