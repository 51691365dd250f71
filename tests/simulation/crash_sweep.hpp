// The crash sweep: a scenario is played again and again, and crashes at another point each time,
// until every await and every commit of it has been one.
#pragma once

#include "scenarios.hpp"
#include <cstdint>
#include <string>
#include <vector>

namespace canaryd::simulation {

struct sweep_result {
  std::uint64_t points = 0;
  std::vector<std::string> problems;
};

// Each crash in turn, and then with a second one `then_after` points later, where that is not 0; at
// every other one another version of the program runs before the restart. A crash may not change
// how a job ends, unless that is a race.
sweep_result sweep(const scenario& what, loss how, std::uint64_t then_after = 0);

}  // namespace canaryd::simulation
