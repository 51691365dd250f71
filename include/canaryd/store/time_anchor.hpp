// What ties stored instants to the time of a later run (reference: "Time").
#pragma once

#include "canaryd/async/clock.hpp"
#include "canaryd/base/time.hpp"

#include <functional>
#include <string>

namespace canaryd::store {

// Where the time comes from; asked on the loop's thread.
struct time_anchor {
  // The same until the machine is started anew; empty where that is not known.
  std::function<std::string()> boot_id;
  std::function<instant()> now;
  std::function<wall_time()> wall_now;
};

// The kernel's boot id, and async::clock.
time_anchor system_time_anchor();

// One moment on both clocks.
struct moment {
  std::string boot_id;
  instant boot;
  wall_time wall;
};

// How far an instant that was stored at `then` moves to mean the same at `now`: not at all within a
// boot, else so that the time that passed on the wall clock has passed, which is never negative.
duration shift_between(const moment& then, const moment& now);

}  // namespace canaryd::store
