// Runs one canary: asks the state machine, commits what it decided, and only then acts on it.
//
// There are two lanes, so that a slow write never delays a reading: the poll lane and the call
// lane. Each has at most one coroutine in flight. Their answers are events for the state machine. A
// call waits until the state that asks for it is on disk. If the disk fails, a rollback waits for
// it for a second at most. Polls do not wait for the disk (reference: "Full disk").
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/canary/command.hpp"
#include "canaryd/daemon/saver.hpp"
#include "canaryd/daemon/services.hpp"
#include "canaryd/daemon/tell/job_series.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace canaryd::daemon {

class runner {
 public:
  // `job` must outlive the runner, which keeps job.canary up to date.
  runner(async::executor ex, services& world, store::job_record& job);

  // Returns when the canary has ended and its end is on disk. If it is cancelled, it leaves the
  // canary and its last committed state as they are.
  async::task<> run(canary::event first);

  // For the shutdown. If the disk fails, logs the audit records that are not on disk. Returns true
  // if everything is on disk, or if the disk works.
  bool tell_unsaved();

  // Called once with the outcome of a command, as soon as that is on disk. Not called if the runner
  // ends before.
  using command_sink = std::function<void(canary::command_outcome)>;
  void take(const canary::command& given, command_sink sink);

 private:
  struct lane {
    async::task_group::handle child;
    // The number of the newest start of the lane. Answers of earlier starts are dropped.
    std::uint32_t serial = 0;
    bool busy = false;
  };
  struct arrival {
    lane* from;
    std::uint32_t serial;
    canary::event what;
  };

  // A command that was carried out, but is not on disk yet.
  struct carried_out {
    std::uint64_t turn;
    command_sink sink;
  };

  async::task<> live(canary::event first);
  void answer_commands();
  void handle(const canary::event& what);
  void handle_arrivals();
  canary::context now_context() const;
  double stretch() const;
  platform::target where() const;

  instant start_due();
  void stop_obsolete();
  instant start_due_poll(instant now);
  instant start_due_call(instant now);
  bool may_be_sent(const canary::pending_call& wanted, instant now);
  async::task<> save();
  void start_poll();
  void start_call();
  void stop(lane& which);
  void deliver(lane& to, std::uint32_t serial, canary::event what);

  async::task<> poll(platform::metrics_query query, std::uint32_t serial);
  async::task<> call(canary::pending_call wanted, std::uint32_t serial);
  async::task<canary::event> perform(canary::pending_call wanted);
  async::task<canary::event> look_up(platform::priority rank);
  platform::priority rank_of(const canary::pending_call& wanted) const;
  platform::priority rank_of_lost_deploy() const;
  void note_rollback_sent();

  services& world_;
  platform_access& platform_;
  store::job_record& job_;
  async::wakeup bell_;
  saver saver_;
  job_series series_;
  std::deque<arrival> arrived_;
  std::vector<carried_out> commands_;
  lane poll_lane_;
  lane call_lane_;
  // The hold.step that the newest poll is about.
  std::int32_t step_polled_ = 0;
  // The state machine's serial of the call in flight.
  std::uint32_t call_in_flight_ = 0;
  // When this process decided to roll back, until the first call of the rollback has gone out.
  std::optional<instant> rollback_decided_at_;
  async::task_group lanes_;
};

}  // namespace canaryd::daemon
