#include "canaryd/canary/audit.hpp"

namespace canaryd::canary {

std::string_view to_string(audit_action action) {
  switch (action) {
    case audit_action::canary_initiated:
      return "canary_initiated";
    case audit_action::canary_rollback:
      return "canary_rollback";
    case audit_action::canary_completed:
      return "canary_completed";
    case audit_action::canary_failed:
      return "canary_failed";
    case audit_action::canary_extended:
      return "canary_extended";
    case audit_action::canary_paused:
      return "canary_paused";
    case audit_action::canary_resumed:
      return "canary_resumed";
    case audit_action::canary_aborted:
      return "canary_aborted";
    case audit_action::canary_step:
      return "canary_step";
    case audit_action::canary_approved:
      return "canary_approved";
  }
  return "";
}

std::string_view to_string(audit_status status) {
  switch (status) {
    case audit_status::success:
      return "success";
    case audit_status::failure:
      return "failure";
    case audit_status::triggered:
      return "triggered";
  }
  return "";
}

}  // namespace canaryd::canary
