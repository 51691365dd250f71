// Runs one canary: asks the state machine, writes down what it decided, and only then acts on it.
//
// Two lanes run beside each other, so that a slow write never delays a reading: the poll lane and
// the call lane, each with at most one coroutine in flight. What comes back is an event for the
// machine. A call waits until the state that asks for it is on disk; a rollback waits for a disk
// that fails no longer than a second, and polls do not wait at all (reference: "Full disk").
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
  // `job` outlives the runner, which keeps job.canary up to date.
  runner(async::executor ex, services& world, store::job_record& job);

  // Returns when the canary has ended and its end is on disk. When it is cancelled the canary is
  // left as it is, and so is its last committed state.
  async::task<> run(canary::event first);

  // For shutdown: says which audit records a failing disk has not taken; true where it has taken
  // everything, or works.
  bool tell_unsaved();

  // Told what became of a command, once, as soon as that is on disk; dropped where the runner ends
  // before.
  using command_sink = std::function<void(canary::command_outcome)>;
  void take(const canary::command& given, command_sink sink);

 private:
  struct lane {
    async::task_group::handle child;
    // Which start of the lane the answer has to come from; what an abandoned one brings is dropped.
    std::uint32_t serial = 0;
    bool busy = false;
  };
  struct arrival {
    lane* from;
    std::uint32_t serial;
    canary::event what;
  };

  // A command that was carried out, and waits to be on disk.
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
  // hold.step that the newest poll is about.
  std::int32_t step_polled_ = 0;
  // The machine's serial of the call in flight.
  std::uint32_t call_in_flight_ = 0;
  // When this process decided to roll back, until the first call of the rollback has gone out.
  std::optional<instant> rollback_decided_at_;
  async::task_group lanes_;
};

}  // namespace canaryd::daemon
