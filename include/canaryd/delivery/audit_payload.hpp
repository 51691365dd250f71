// What is in a delivery of the kind `audit_record`.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/canary/audit.hpp"
#include "canaryd/store/delivery.hpp"

#include <string>

namespace canaryd::delivery {

// The destination of the audit records of one platform's jobs: `audit:api` for
// job::default_platform, and `audit:api:<name>` for every other.
std::string audit_destination(const std::string& platform);

struct audit_payload {
  canary::audit_record record;
  // The API that the record's deployment lives at.
  std::string base_url;
};

// The delivery has the record's id, and the job's id as its order key. Its payload has a member for
// each member of the record, and `base_url`. An absent metric is left out.
store::delivery make_audit_delivery(std::string destination, const audit_payload& told);

// Reads what make_audit_delivery() of this or another version has made. A missing text is empty.
// Fails with fault::malformed if it is of another kind, if it has an unknown word, or if the
// payload is damaged.
result<audit_payload> read_audit_delivery(const store::delivery& from);

}  // namespace canaryd::delivery
