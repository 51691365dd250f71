// The clock of all logic, and the timer that runs on it. Tests take the clock over with
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
  // UTC, from the system's real-time clock; settable apart from now() in manual mode.
  static wall_time wall_now();
};

// How long Asio may sleep before it looks at the clock again. Its sleep counts CLOCK_MONOTONIC,
// which stands still in a suspend, so never longer than a second. In manual mode the earliest
// deadline is left for manual_time::next_deadline().
struct wait_traits {
  static duration to_wait_duration(duration remaining);
  static duration to_wait_duration(instant deadline) {
    return to_wait_duration(deadline - clock::now());
  }
};

// While one of these exists, the process's clock stands still except where the owner moves it.
// One at a time, on the thread that runs the loop.
class manual_time {
 public:
  explicit manual_time(instant start, wall_time wall);
  ~manual_time();
  manual_time(const manual_time&) = delete;
  manual_time& operator=(const manual_time&) = delete;

  // Moves elapsed and wall time on together, so that the timers of `context` that are due by then
  // are ready. Requires a deadline not before now(), and that context.poll() has just returned 0.
  void advance_to(boost::asio::io_context& context, instant deadline);
  // Steps the wall clock alone, as an administrator or NTP would.
  void step_wall(duration by);

  // When to look again: the earliest deadline of any timer of `context`, or of one that was
  // cancelled meanwhile; nothing when no timer waits. Requires that context.poll() has just
  // returned 0.
  std::optional<instant> next_deadline(boost::asio::io_context& context);

 private:
  static void make_look(boost::asio::io_context& context);
};

using executor = boost::asio::io_context::executor_type;
using timer = boost::asio::basic_waitable_timer<clock, wait_traits, executor>;

}  // namespace canaryd::async
