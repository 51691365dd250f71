// What is in a delivery of the kind `audit_record`.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/canary/audit.hpp"
#include "canaryd/store/delivery.hpp"

#include <string>

namespace canaryd::delivery {

// The destination of a record that goes to the API's audit log.
inline constexpr const char* audit_api = "audit:api";

struct audit_payload {
  canary::audit_record record;
  // The API that the record's deployment lives at.
  std::string base_url;
};

// In order for each job. Its id is the record's, and its payload has a member for each of the
// record's and `base_url`; a metric that is absent is left out.
store::delivery make_audit_delivery(std::string destination, const audit_payload& told);

// Reads what make_audit_delivery() has made, also in another version of the program: a text that is
// missing is empty. Errors: fault::malformed where the kind is another, a word is not known, or the
// payload is damaged.
result<audit_payload> read_audit_delivery(const store::delivery& from);

}  // namespace canaryd::delivery
