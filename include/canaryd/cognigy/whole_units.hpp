// Windows in which every conversation is counted once (SPEC section 3.1): whole units of the API's
// window from one moment on, each asked for as it ends. Pure.
#pragma once

#include "canaryd/core/time.hpp"

namespace canaryd::cognigy {

struct whole_units {
  // Where the first unit begins.
  core::instant from;
  // Greater than 0.
  core::duration unit{};
};

// When a request may go out, `now` or later: within 2 s after the end of a unit. Later than that,
// it would ask for a window that begins after `from`, and conversations in between would be lost.
core::instant next_chance(const whole_units& counted, core::instant now);

// The units that have ended by `now`: at least one, and no more than there are in 24 hours.
core::duration ended_units(const whole_units& counted, core::instant now);

}  // namespace canaryd::cognigy
