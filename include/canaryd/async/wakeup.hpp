// A wake-up call for one coroutine: wait for a deadline or for somebody to ring, whichever is
// first.
#pragma once

#include "canaryd/async/task.hpp"

namespace canaryd::async {

// Carries no state: the waiter looks at what it waits for before each wait and after it.
class wakeup {
 public:
  explicit wakeup(executor ex) : timer_{ex} {}

  // Suspends until ring() or `deadline`. A ring while nobody waits is not kept.
  // Throws operation_aborted when the task is cancelled.
  task<> wait(instant deadline = instant::max());

  // Wakes everybody who waits.
  void ring();

 private:
  timer timer_;
  std::uint64_t rings_ = 0;
};

}  // namespace canaryd::async
