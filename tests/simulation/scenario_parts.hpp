// What scenarios are put together from.
#pragma once

#include <boost/json/object.hpp>

#include "scenarios.hpp"
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::simulation {

occurrence drop_at(duration at, std::string name, std::string text);

// A world in which a write that is repeated happens twice.
sim::world_options strict_world();

// The job of job_text("bot", version), dropped at 5 s into a strict world with these faults.
scenario make_scenario(std::string name, std::string_view version,
                       std::vector<sim::fault> faults = {});

// job_text("bot", version) with these keys.
std::string job_with(const boost::json::object& keys, std::string_view version = "1.0");

occurrence order_at(duration at, std::string job_id, canary::command_kind what);
// The operator waits for the job to be in that state, so that it is no matter when a crash was.
occurrence order_in(duration at, std::string_view state, canary::command_kind what);

// Those about steps, gates and the sequential method.
std::vector<scenario> step_scenarios();
// Those about ids, lists and pages of many shapes, and promotes that are only accepted.
std::vector<scenario> answer_scenarios();
// Those in which others are at work in jobs_dir.
std::vector<scenario> folder_scenarios();

}  // namespace canaryd::simulation
