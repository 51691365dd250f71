// Windows that count every conversation once (reference: "Judging"): whole units of the API's
// window from one moment on, each asked for as it ends. Pure.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::job {

struct whole_units {
  // Where the first unit begins.
  instant from;
  // Greater than 0.
  duration unit{};
};

// The longest window that can be asked for, and so the longest hold with the sequential method.
inline constexpr duration longest_window = std::chrono::hours{24};

// When a request may go out, `now` or later: within 2 s after the end of a unit. Later than that,
// it would ask for a window that begins after `from`, and conversations in between would be lost.
instant next_chance(const whole_units& counted, instant now);

// The units that have ended by `now`: at least one, and no more than there are in longest_window.
duration ended_units(const whole_units& counted, instant now);

}  // namespace canaryd::job
