// Short histories, each about one way in which a canary may go, for the crash sweep.
#pragma once

#include "history.hpp"
#include <string>
#include <vector>

namespace canaryd::simulation {

struct scenario {
  std::string name;
  history story;
  // What somebody else does and what the canary does happen at the same time: which is first may
  // depend on when a crash was.
  bool is_a_race = false;
};

std::vector<scenario> all_scenarios();

// A complete job file: a poll every 20 s, three of them, for `bot` and `version`.
std::string job_text(std::string_view bot, std::string_view version);

}  // namespace canaryd::simulation
