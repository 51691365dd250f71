// One history of a daemon and the world around it: what happens when, where the daemon crashes, and
// how it ends. The same history always goes the same way.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/sim/world.hpp"

#include "machine.hpp"
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace canaryd::simulation {

struct occurrence {
  // The time since the beginning.
  duration at{};
  std::function<void(machine&)> what;
};

struct crash_point {
  // The point, counted by machine::points().
  std::uint64_t at = 0;
  loss what = loss::process;
};

struct history {
  std::uint64_t seed = 1;
  sim::world_options world;
  // Called before the first start.
  std::function<void(machine&)> prepare = [](machine&) {};
  // Sorted by time.
  std::vector<occurrence> occurrences;
  // Sorted by point.
  std::vector<crash_point> crashes;
  // The time from a crash to the next start.
  duration downtime = std::chrono::seconds{5};
  // True if files in jobs_dir were removed, so that nobody can tell which files must be there.
  bool files_were_removed = false;
  // True if another version of the daemon runs between any two runs of this one.
  bool changes_versions = false;
  // True if the wall clock steps. Only that clock tells how long a loss of power lasted, so nobody
  // can tell how old the daemon thinks a canary is, and what its windows contain.
  bool age_is_uncertain = false;
  // True if the API answers everything correctly, however slowly, and nobody cuts the network. Then
  // only the daemon can be at fault.
  bool api_never_failed = false;
  // True if nobody reads the daemon's log until the history is over.
  bool log_is_unread = false;
};

struct course {
  // The rules that were broken.
  std::vector<std::string> problems;
  // `status/reason` of each job that was accepted.
  std::map<std::string, std::string> outcomes;
  std::uint64_t points = 0;
  int crashes = 0;
};

// Plays a history. `tell` shows the daemon's log on standard output, with the time in the history.
course play(const history& what, bool tell = false);

}  // namespace canaryd::simulation
