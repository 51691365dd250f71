// Relates stored instants to the time of a later run (reference: "Time").
#pragma once

#include "canaryd/async/clock.hpp"
#include "canaryd/base/time.hpp"

#include <functional>
#include <string>

namespace canaryd::store {

// The sources of the time, which are called on the loop's thread.
struct time_anchor {
  // Changes only when the machine is started; empty if it is unknown.
  std::function<std::string()> boot_id;
  std::function<instant()> now;
  std::function<wall_time()> wall_now;
};

// Uses the kernel's boot id and async::clock.
time_anchor system_time_anchor();

// The same moment on both clocks.
struct moment {
  std::string boot_id;
  instant boot;
  wall_time wall;
};

// How far to move an instant that was stored at `then`, so that it means the same at `now`. Within
// one boot it stays. Otherwise it moves so that the time between the two is the time that passed on
// the wall clock, which is never taken as negative.
duration shift_between(const moment& then, const moment& now);

}  // namespace canaryd::store
