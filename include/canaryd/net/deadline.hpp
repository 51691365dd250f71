// A time limit on part of a task that needs no second task for each wait in it.
#pragma once

#include "canaryd/async/clock.hpp"

#include <functional>
#include <memory>

namespace canaryd::net {

// Calls `on_expiry` once, on the loop, when `at` has come, unless it has been destroyed before.
// `on_expiry` ends the waits of the task that owns the deadline. If the loop is late, what the task
// waits for may have arrived unseen. The deadline is then extended by the time that the loop was
// late, by a second at most, and four times at most.
class deadline {
 public:
  deadline(const async::executor& ex, instant at, std::function<void()> on_expiry);
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;
  ~deadline() = default;

 private:
  struct state;
  static void wait(const std::shared_ptr<state>& self);

  std::shared_ptr<state> state_;
};

}  // namespace canaryd::net
