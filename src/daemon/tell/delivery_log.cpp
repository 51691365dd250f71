#include "canaryd/daemon/tell/delivery_log.hpp"

#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/delivery/audit_payload.hpp"
#include "canaryd/job/job.hpp"

#include <string>
#include <variant>

namespace canaryd::daemon {
namespace {

// A line shows the destination only if it is not that of job::default_platform.
field destination_field(const std::string& destination) {
  return {"destination", destination,
          destination != delivery::audit_destination(job::default_platform)};
}

void tell_one(const delivery::refused& each) {
  const auto told = delivery::read_audit_delivery(each.what);
  log(severity::warning, topic::audit_refused, "audit record refused for good, kept",
      {{"job", each.what.order_key},
       destination_field(each.what.destination),
       {"record", each.what.id},
       {"action", told ? to_string(told->record.action) : ""},
       {"error", each.problem.text}});
}

void tell_one(const delivery::unreadable& each) {
  log(severity::critical, topic::audit_unreadable,
      "a stored audit record cannot be read, and is kept and passed over",
      {{"job", each.what.order_key},
       destination_field(each.what.destination),
       {"record", each.what.id},
       {"error", each.problem.text}});
}

void tell_one(const delivery::delayed& each) {
  log(severity::warning, topic::audit_delayed, "audit records not delivered, trying again",
      {destination_field(each.destination), {"error", each.problem.text}});
}

void tell_one(const delivery::unattended& each) {
  log(severity::warning, topic::audit_delayed,
      "audit records wait for a platform that is not configured, until it is",
      {{"destination", each.destination}});
}

}  // namespace

void tell(const delivery::report& what) {
  std::visit([](const auto& each) { tell_one(each); }, what);
}

}  // namespace canaryd::daemon
