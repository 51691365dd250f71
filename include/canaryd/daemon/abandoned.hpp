// Settles files in active/ of jobs that are not under way (reference: "Forgotten jobs"). If the
// store knows that a job has ended, its files are put where they belong. If the job's row cannot be
// read, its files are left as they are. If the store does not know a job, it was started but nobody
// remembers it: it is not deployed again, a live deployment that matches it is rolled back, and the
// file is rejected. But if that deployment belongs to another job, the file is a copy, and the
// deployment is left alone.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/daemon/runner.hpp"
#include "canaryd/daemon/services.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::daemon {

// What the jobs under way say about a file in active/.
struct jobs_under_way {
  // True if a job with that id has not ended, or if its files are not settled yet.
  std::function<bool(const std::string& job_id)> has;
  // Returns the id of a job that has, or may have, deployed that version of that bot on that
  // platform. Empty if there is none. The id of its deployment may not be known yet.
  std::function<std::string(const job::job& like)> deployer_of;
};

class abandoned {
 public:
  abandoned(async::executor ex, services world, spool where, jobs_under_way others,
            std::function<std::string()> make_uid, std::function<void()> on_failure);

  // Starts to settle every file in active/ that is not `<id>.json` of a job under way. Tries again
  // until the folder can be read.
  async::task<> settle_all();

  // Makes the files of ended jobs again if a loss of power has taken them.
  async::task<> settle_again(std::vector<store::job_record> ended);

  // Call this if the stored state of some job cannot be read, because that job may have deployed
  // anything. From then on nothing is rolled back because of a file.
  void be_careful() { is_careful_ = true; }

  void cancel() { settling_.cancel(); }
  async::task<> join() { return settling_.join(); }

 private:
  async::task<> settle(std::string file_name);
  async::task<> settle_ended(store::job_record ended);
  async::task<result<std::optional<store::job_record>>> find_stored(std::string job_id);
  async::task<std::expected<file_content, read_problem>> read_copy(std::string file_name);
  async::task<> settle_forgotten(std::string file_name, job::job spec);
  async::task<std::vector<canary::deployment>> live_deployments(const job::job& spec);
  async::task<std::vector<std::string>> owned_by_jobs(std::string platform,
                                                      const std::vector<canary::deployment>& live);
  async::task<> roll_back(std::string job_id, job::job spec, std::string deployment_id);
  void reject(const std::string& file_name, const std::string& why);

  async::executor executor_;
  services world_;
  spool spool_;
  jobs_under_way others_;
  bool is_careful_ = false;
  std::function<std::string()> make_uid_;
  async::task_group settling_;
};

}  // namespace canaryd::daemon
