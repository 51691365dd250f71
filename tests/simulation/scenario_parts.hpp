// The parts of which scenarios are made.
#pragma once

#include <boost/json/object.hpp>

#include "scenarios.hpp"
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::simulation {

occurrence drop_at(duration at, std::string name, std::string text);

// A world in which a repeated write happens twice.
sim::world_options strict_world();

// Drops the job of job_text("bot", version) at 5 s into a strict world with these faults.
scenario make_scenario(std::string name, std::string_view version,
                       std::vector<sim::fault> faults = {});

// Returns job_text("bot", version) with these keys.
std::string job_with(const boost::json::object& keys, std::string_view version = "1.0");

occurrence order_at(duration at, std::string job_id, canary::command_kind what);
// The operator first waits for that state of the job, so that the time of a crash does not matter.
occurrence order_in(duration at, std::string_view state, canary::command_kind what);

// The scenarios about steps, gates and the sequential method.
std::vector<scenario> step_scenarios();
// The scenarios about ids, lists and pages of many shapes, and promotes that are only accepted.
std::vector<scenario> answer_scenarios();
// The scenarios in which others change jobs_dir.
std::vector<scenario> folder_scenarios();

}  // namespace canaryd::simulation
