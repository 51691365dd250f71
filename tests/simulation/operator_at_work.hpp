// An operator who gives commands to the daemon, one after the other, and repeats each one until it
// is answered, even after a crash.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/daemon/app.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace canaryd::simulation {

class operator_at_work {
 public:
  explicit operator_at_work(async::executor ex) : executor_{ex}, bell_{ex} {}

  void order(std::string job_id, canary::command_kind what);
  // Waits for that state of the job, and then repeats the command until it is carried out or the
  // job has ended.
  void order_in(std::string_view state, std::string job_id, canary::command_kind what);
  // True if every command has been answered.
  bool is_done() const { return orders_.empty(); }

  // Call it when a daemon has been started. The daemon must exist until leave().
  void visit(daemon::app& app);
  // Call it before the daemon is stopped or destroyed, and run the loop before the next visit.
  void leave();

 private:
  struct wish {
    std::string job_id;
    canary::command given;
    bool until_done = false;
  };

  async::task<> insist(daemon::app& app);

  async::executor executor_;
  async::wakeup bell_;
  std::deque<wish> orders_;
  std::unique_ptr<async::task_group> visit_;
};

}  // namespace canaryd::simulation
