// A wake-up call for a coroutine: it waits for a deadline or for a ring, whichever comes first.
#pragma once

#include "canaryd/async/task.hpp"

namespace canaryd::async {

// Carries no state: the waiter must check what it waits for before each wait and after it.
class wakeup {
 public:
  explicit wakeup(executor ex) : timer_{ex} {}

  // Suspends until ring() or `deadline`. A ring while nobody waits is lost. Throws
  // operation_aborted when the task is cancelled.
  task<> wait(instant deadline = instant::max());

  // Wakes everybody who waits.
  void ring();

 private:
  timer timer_;
  std::uint64_t rings_ = 0;
};

}  // namespace canaryd::async
