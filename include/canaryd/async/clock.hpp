// The clock that all logic uses, and the timer that runs on it. Tests control the clock with
// manual_time.
#pragma once

#include "canaryd/base/time.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>

namespace canaryd::async {

// Elapsed time, CLOCK_BOOTTIME: it counts a suspend and never steps.
struct clock : boot_time {
  static instant now();
  // UTC, from the system's real-time clock. In manual mode it can be set independently of now().
  static wall_time wall_now();
};

// How long Asio may sleep before it looks at the clock again: a second at most, because its sleep
// is measured by CLOCK_MONOTONIC, which stops during a suspend. In manual mode this also records
// the earliest deadline for manual_time::next_deadline().
struct wait_traits {
  static duration to_wait_duration(duration remaining);
  static duration to_wait_duration(instant deadline) {
    return to_wait_duration(deadline - clock::now());
  }
};

// While a manual_time exists, the process's clock moves only when its owner moves it. There may be
// one at a time, on the thread that runs the loop.
class manual_time {
 public:
  explicit manual_time(instant start, wall_time wall);
  ~manual_time();
  manual_time(const manual_time&) = delete;
  manual_time& operator=(const manual_time&) = delete;

  // Moves elapsed and wall time forward together and makes the timers of `context` that are then
  // due ready to run. Requires a deadline not before now(), and that context.poll() has just
  // returned 0.
  void advance_to(boost::asio::io_context& context, instant deadline);
  // Steps only the wall clock, as an administrator or NTP would.
  void step_wall(duration by);

  // The earliest deadline of the timers of `context`; possibly that of a timer that has been
  // cancelled since. Empty if no timer waits. Requires that context.poll() has just returned 0.
  std::optional<instant> next_deadline(boost::asio::io_context& context);

 private:
  static void make_look(boost::asio::io_context& context);
};

using executor = boost::asio::io_context::executor_type;
using timer = boost::asio::basic_waitable_timer<clock, wait_traits, executor>;

}  // namespace canaryd::async
