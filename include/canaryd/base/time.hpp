// The two kinds of time that the whole program uses, as types that cannot be mixed up.
#pragma once

#include <chrono>
#include <cstdint>

namespace canaryd {

using duration = std::chrono::nanoseconds;

// Tag of the elapsed-time clock: CLOCK_BOOTTIME, which goes on during a suspend and never steps. It
// has no now(), because logic is given the time; async/clock.hpp reads it.
struct boot_time {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = duration;
  using time_point = std::chrono::time_point<boot_time>;
  static constexpr bool is_steady = true;
};

// A point in elapsed time. All deadlines are instants.
using instant = boot_time::time_point;

// A point in wall-clock time (UTC), for timestamps only; no deadline depends on it.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

}  // namespace canaryd
