// Files in active/ of jobs that are not under way. Of one that the store knows to have ended, the
// files are put where they belong; where its row cannot be read, they are left as they are. One
// that the store does not know was started, and nobody remembers: it is not deployed again; a live
// deployment that matches is rolled back, and the file rejected (SPEC section 6).
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/daemon/runner.hpp"
#include "canaryd/daemon/services.hpp"
#include "canaryd/daemon/spool.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace canaryd::daemon {

class abandoned {
 public:
  abandoned(async::executor ex, services world, spool where, std::string base_url,
            std::function<std::string()> make_uid, std::function<void()> on_failure);

  // Starts to settle every file in active/ that is not `<id>.json` of one of `known`.
  void settle_all(const std::set<std::string>& known);

  // Makes the files of jobs that ended again, where a loss of power took them.
  void settle_again(std::vector<store::job_record> ended);

  void cancel() { settling_.cancel(); }
  async::task<> join() { return settling_.join(); }

 private:
  async::task<> settle(std::string file_name);
  async::task<> settle_ended(store::job_record ended);
  async::task<core::result<std::optional<store::job_record>>> find_stored(std::string job_id);
  async::task<std::vector<core::deployment>> live_deployments(const core::job& spec);
  async::task<> roll_back(std::string job_id, core::job spec, std::string deployment_id);
  void reject(const std::string& file_name, const std::string& why);

  async::executor executor_;
  services world_;
  spool spool_;
  std::string base_url_;
  std::function<std::string()> make_uid_;
  async::task_group settling_;
};

}  // namespace canaryd::daemon
