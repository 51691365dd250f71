// One history of a daemon and the world around it: what happens when, where the daemon crashes, and
// what came of it. The same history always goes the same way.
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
  // Since the beginning.
  duration at{};
  std::function<void(machine&)> what;
};

struct crash_point {
  // machine::points()
  std::uint64_t at = 0;
  loss what = loss::process;
};

struct history {
  std::uint64_t seed = 1;
  sim::world_options world;
  // Before the first start.
  std::function<void(machine&)> prepare = [](machine&) {};
  // In order of time.
  std::vector<occurrence> occurrences;
  // In order.
  std::vector<crash_point> crashes;
  // From a crash to the next start.
  duration downtime = std::chrono::seconds{5};
  // Some of the files in jobs_dir were taken away: there is no saying what is to be found there.
  bool files_were_removed = false;
  // Between any two runs of the daemon another version of it runs.
  bool changes_versions = false;
  // The wall clock steps, and it is all that tells how long a loss of power has lasted: there is no
  // saying how old a canary is taken for, and so what its windows contain.
  bool age_is_uncertain = false;
  // The API has answered everything as it should, however slowly, and nobody has cut the way to it:
  // whatever went wrong was the daemon's own.
  bool api_never_failed = false;
  // Nobody reads the daemon's log until the history is over.
  bool log_is_unread = false;
};

struct course {
  // Rules that were broken.
  std::vector<std::string> problems;
  // `status/reason` of each job that was accepted.
  std::map<std::string, std::string> outcomes;
  std::uint64_t points = 0;
  int crashes = 0;
};

// `tell`: shows the daemon's log, with the time in the history, on standard output.
course play(const history& what, bool tell = false);

}  // namespace canaryd::simulation
