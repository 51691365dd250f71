// A limit of time on a stretch of a task, without a race for every wait in it.
#pragma once

#include "canaryd/async/clock.hpp"

#include <functional>
#include <memory>

namespace canaryd::net {

// For as long as it lives, calls `on_expiry` once on the loop when `at` has come; never afterwards.
// `on_expiry` ends the waits of the task that owns the deadline. Where the loop comes to it late,
// what the task waits for may have arrived without anybody having looked: the deadline is put off
// by as much as it is late, but by a second at most, and four times at most.
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
