// Files in active/ of jobs that are not under way. If the store knows that a job has ended, its
// files are put where they belong; if its row cannot be read, they are left as they are. A job that
// the store does not know was started, and nobody remembers it: it is not deployed again, a live
// deployment that matches it is rolled back, and the file is rejected
// (reference: "Forgotten jobs"). But where another job explains what is live, the file is a copy,
// and the deployment is left alone.
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
  // A job of that id has not ended, or its files are not settled yet.
  std::function<bool(const std::string& job_id)> has;
  // The id of a job that has, or may have, deployed that version of that bot on that platform; else
  // empty. The id of what it has deployed may not be known yet.
  std::function<std::string(const job::job& like)> deployer_of;
};

class abandoned {
 public:
  abandoned(async::executor ex, services world, spool where, jobs_under_way others,
            std::function<std::string()> make_uid, std::function<void()> on_failure);

  // Starts to settle every file in active/ that is not `<id>.json` of a job under way. Tries until
  // the folder can be read.
  async::task<> settle_all();

  // Makes the files of jobs that ended again, where a loss of power took them.
  async::task<> settle_again(std::vector<store::job_record> ended);

  // Some job's stored state cannot be read, so that there is no saying what it has deployed: from
  // now on nothing is rolled back because of a file.
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
