// Short histories for the crash sweep, each about one way in which a canary may go.
#pragma once

#include "history.hpp"
#include <string>
#include <vector>

namespace canaryd::simulation {

struct scenario {
  std::string name;
  history story;
  // True if somebody else and the canary act at the same time. Which comes first may depend on the
  // time of a crash.
  bool is_a_race = false;
};

std::vector<scenario> all_scenarios();

// A complete job file: a poll every 20 s, three of them, for `bot` and `version`.
std::string job_text(std::string_view bot, std::string_view version);

}  // namespace canaryd::simulation
