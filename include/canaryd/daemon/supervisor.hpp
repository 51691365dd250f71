// Decides which jobs run: one canary at a time for each platform and bot, in order of arrival, and
// no more polls than the rate budget and the connections allow (reference: "Folders", "Rate
// budget"). Settles the files of jobs that have ended.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/daemon/config/reload.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/daemon/runner.hpp"
#include "canaryd/daemon/services.hpp"
#include "canaryd/store/store.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace canaryd::daemon {

struct supervisor_options {
  std::size_t max_active_jobs = 100'000;
  // A job does not begin if polls would be stretched by more than this factor.
  double max_stretch = 4.0;
};

class supervisor {
 public:
  supervisor(async::executor ex, services world, spool where, supervisor_options options,
             std::function<void()> on_failure);

  void reconfigure(supervisor_options options);

  // `callback` is called whenever a job has ended, because there is room for another.
  void on_room(std::function<void()> callback) { on_room_ = std::move(callback); }

  bool has_room() const { return jobs_.size() + unreadable_.size() < options_.max_active_jobs; }
  bool has_jobs() const { return !jobs_.empty(); }
  active_by_platform active() const;

  // Takes a job that the store cannot read. Call this before any add(). The job is left alone, and
  // no other canary of its bot is deployed, because its own may be live.
  void add_unreadable(store::unreadable_job lost);
  // The jobs that cannot be read, by id.
  const std::map<std::string, store::unreadable_job>& unreadable() const { return unreadable_; }

  // Takes a job that the store has, which is new or from before a restart. After a restart, add
  // those that are live first, so that others of the same bot wait for them.
  void add(store::job_record job, canary::event first);

  // Finds a job that has not ended, or whose files are not settled yet. Null if there is none.
  const store::job_record* find(const std::string& job_id) const;
  // Returns the first of them whose id comes after `after`. Null after the last.
  const store::job_record* next(const std::string& after) const;

  // Finds a job that has not ended and that has, or may have, deployed that version of that bot on
  // that platform. Null if there is none.
  const store::job_record* deployer_of(const job::job& like) const;

  // Gives an operator's command to a job, and returns when its outcome is on disk.
  async::task<canary::command_outcome> command(std::string job_id, canary::command given);

  // Returns the number of jobs in each state.
  std::array<std::size_t, canary::state_count> counts() const;

  // Names the jobs whose deploy may be live and cannot be looked up (canary::is_deploy_lost). Empty
  // if there are none.
  std::string lost_deploys() const;

  // Checks every 10 s whether polls are stretched and whether a waiting job may start, because the
  // rate and the API's answering time may have changed.
  async::task<> recheck_queue();

  // For the shutdown. Leaves every canary as it is. Warnings name them, or count them if there are
  // many.
  void cancel();
  async::task<> join() { return running_.join(); }

 private:
  struct entry {
    store::job_record job;
    canary::event first;
    // The key of its queue in queues_. It does not change.
    std::string queue_key;
    std::unique_ptr<runner> run;
    bool started = false;
  };
  using entry_pointer = std::shared_ptr<entry>;

  // Jobs that wait for one platform's budget.
  struct budget_wait {
    // The queues whose first job waits, in order of arrival.
    std::deque<std::string> queue_keys;
    bool stretch_announced = false;
  };

  platform_access& platform_of(const entry& job) const;
  std::string queue_key_of(const job::job& spec) const;
  void start_heads();
  void start_heads(budget_wait& waiting);
  bool must_wait_for_budget(entry& candidate);
  void start(const entry_pointer& candidate);
  async::task<canary::command_outcome> give(entry_pointer to, canary::command given);
  async::task<> run(entry_pointer candidate);
  static void tell_end(const store::job_record& ended);
  void tell_unreadable() const;
  void tell_unsaved();
  void tell_left() const;
  void announce_stretch(const std::string& platform, duration interval);
  void announce_stretch();

  async::executor executor_;
  services world_;
  spool spool_;
  supervisor_options options_;
  std::function<void()> on_room_;
  std::map<std::string, entry_pointer> jobs_;
  std::map<std::string, store::unreadable_job> unreadable_;
  // The jobs of one bot on one platform, in order of arrival. The first one runs, and so do those
  // that were live when they were added. A job that cannot be read comes first and never ends.
  std::map<std::string, std::deque<entry_pointer>> queues_;
  // By platform, so that no job waits for another platform's budget.
  std::map<std::string, budget_wait> waiting_for_budget_;
  async::task_group running_;
};

}  // namespace canaryd::daemon
