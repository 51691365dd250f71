// Delivers audit records: at least once, in order for each job, through outages of any length, and
// never holding up a canary (reference: "Audit records").
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/platform/driver.hpp"
#include "canaryd/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace canaryd::daemon {

class outbox {
 public:
  outbox(async::executor ex, platform::driver& platform, store::store& store,
         std::function<double()> random);

  // Delivers until it is cancelled.
  async::task<> run();

  // There are new records.
  void wake();

  // Records that were passed over because they cannot be read, those that are remembered.
  std::size_t unreadable() const { return told_unreadable_.size(); }

 private:
  async::task<> deliver_all();
  async::task<> deliver(store::queued_record due);
  async::task<> settle(std::string record_id, std::optional<std::string> refusal);
  void pause(const error& problem);
  void tell_unreadable(const std::vector<store::unreadable_record>& passed_over);

  platform::driver& platform_;
  store::store& store_;
  std::function<double()> random_;
  // Jobs whose oldest record is on its way.
  std::vector<std::string> busy_;
  // After a failure everybody waits until then: an outage is nobody's in particular.
  instant paused_until_;
  std::int32_t failures_ = 0;
  std::set<std::string> told_unreadable_;
  // Something has changed since the store was last looked at.
  bool wanted_ = false;
  async::wakeup bell_;
  async::task_group deliveries_;
};

}  // namespace canaryd::daemon
