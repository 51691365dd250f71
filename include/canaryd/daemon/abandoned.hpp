// Files in active/ that the store does not know: jobs that somebody started and nobody remembers. None
// is deployed again; a live deployment that matches is rolled back, and the file rejected (SPEC
// section 6).
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "canaryd/async/task_group.hpp"
#include "canaryd/daemon/runner.hpp"
#include "canaryd/daemon/services.hpp"
#include "canaryd/daemon/spool.hpp"

namespace canaryd::daemon {

class abandoned {
 public:
  abandoned(async::executor ex, services world, spool where, std::string base_url,
            std::function<std::string()> make_uid, std::function<void()> on_failure);

  // Starts to settle every file in active/ that is not `<id>.json` of one of `known`.
  void settle_all(const std::set<std::string>& known);

  void cancel() { settling_.cancel(); }
  async::task<> join() { return settling_.join(); }

 private:
  async::task<> settle(std::string file_name);
  async::task<core::deployment_list> live_deployments(const core::job& spec);
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
