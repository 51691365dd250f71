// What must be true of every history, whatever failed in it, once all its jobs have ended.
#pragma once

#include "history.hpp"
#include "machine.hpp"
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::simulation {

// `status/reason` of each job that was accepted, from the state on disk.
std::map<std::string, std::string> outcomes_of(machine& here);

// Returns a sentence for each rule that was broken. Requires that the machine is idle and that each
// job has a different version. `critical_log` has the daemon's critical lines.
std::vector<std::string> broken_rules(const history& what, machine& here,
                                      std::string_view critical_log);

}  // namespace canaryd::simulation
