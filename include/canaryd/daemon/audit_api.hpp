// Delivers audit records to the audit log of a platform (reference: "Audit records").
#pragma once

#include "canaryd/delivery/sink.hpp"
#include "canaryd/platform/driver.hpp"

namespace canaryd::daemon {

// The sink of its platform's destination, delivery::audit_destination(). Sends each audit record to
// the API of its job, at the priority of records. Requires a platform that takes audit records.
class audit_api final : public delivery::sink {
 public:
  explicit audit_api(platform::driver& platform) : platform_{platform} {}

  result<void> check(const store::delivery& what) const override;
  async::task<result<void>> deliver(store::delivery what) override;

 private:
  platform::driver& platform_;
};

}  // namespace canaryd::daemon
