// Decides which jobs run: one canary at a time per platform and bot, in order of arrival, and no
// more polls than the rate budget and the connections can bear (reference: "Folders", "Rate
// budget"). Settles what a finished job leaves behind.
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
  // The longest that polls may be stretched for a job to begin, as a factor.
  double max_stretch = 4.0;
};

class supervisor {
 public:
  supervisor(async::executor ex, services world, spool where, supervisor_options options,
             std::function<void()> on_failure);

  void reconfigure(supervisor_options options);

  // Called whenever a job has ended: there is room for another.
  void on_room(std::function<void()> callback) { on_room_ = std::move(callback); }

  bool has_room() const { return jobs_.size() + unreadable_.size() < options_.max_active_jobs; }
  bool has_jobs() const { return !jobs_.empty(); }
  active_by_platform active() const;

  // Takes a job that the store cannot read, before all others. It is left alone; no further canary
  // of its bot is deployed, because its own may be live.
  void add_unreadable(store::unreadable_job lost);
  // Those jobs by their ids.
  const std::map<std::string, store::unreadable_job>& unreadable() const { return unreadable_; }

  // Takes a job that the store has: a new one, or one from before a restart. Of the latter, those
  // that are live come first: others of the same bot wait for them.
  void add(store::job_record job, canary::event first);

  // A job that has not ended, or whose files are not settled yet; null where there is none.
  const store::job_record* find(const std::string& job_id) const;
  // The one of them that follows the id `after` in the order of ids; null behind the last.
  const store::job_record* next(const std::string& after) const;

  // A job that has, or may have, deployed that version of that bot on that platform and has not
  // ended; null where there is none.
  const store::job_record* deployer_of(const job::job& like) const;

  // Gives an operator's command to a job, and returns when what became of it is on disk.
  async::task<canary::command_outcome> command(std::string job_id, canary::command given);

  // How many jobs are in each state.
  std::array<std::size_t, canary::state_count> counts() const;

  // Names the jobs whose deploy may be live and cannot be looked up (canary::is_deploy_lost);
  // empty: none.
  std::string lost_deploys() const;

  // Looks again, every 10 s, whether polls are stretched and whether a waiting job may start: the
  // rate and the API's answering time may have changed.
  async::task<> recheck_queue();

  // For shutdown: leaves every canary as it is and names each in a warning.
  void cancel();
  async::task<> join() { return running_.join(); }

 private:
  struct entry {
    store::job_record job;
    canary::event first;
    // Where it is in queues_, for as long as it runs.
    std::string queue_key;
    std::unique_ptr<runner> run;
    bool started = false;
  };
  using entry_pointer = std::shared_ptr<entry>;

  // Jobs that wait for one platform's budget.
  struct queue {
    // The queues whose first job waits, in order of arrival.
    std::deque<std::string> queue_keys;
    bool stretch_announced = false;
  };

  platform_access& platform_of(const entry& job) const;
  std::string queue_key_of(const job::job& spec) const;
  void start_heads();
  void start_heads(queue& waiting);
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
  // Jobs of one bot on one platform, in order of arrival; the first one runs, and those that were
  // live when they came. One that cannot be read is the first of them, and never ends.
  std::map<std::string, std::deque<entry_pointer>> queues_;
  // By platform, so that nobody waits for another one's budget.
  std::map<std::string, queue> waiting_for_budget_;
  async::task_group running_;
};

}  // namespace canaryd::daemon
