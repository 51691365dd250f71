// The crash sweep: a scenario is played again and again, and crashes at another point each time,
// until every await and every commit of it has been one.
#pragma once

#include "scenarios.hpp"
#include <cstdint>
#include <string>
#include <vector>

namespace canaryd::simulation {

// Every `every`-th point, the first of them `first` points behind the first point of all.
struct sample {
  std::uint64_t every = 1;
  std::uint64_t first = 0;
};

struct sweep_result {
  // Those that were tried.
  std::uint64_t points = 0;
  std::vector<std::string> problems;
};

// Each crash of the sample in turn, and then with a second one `then_after` points later, where
// that is not 0; at every other one another version of the program runs before the restart. A crash
// may not change how a job ends, unless that is a race.
sweep_result sweep(const scenario& what, loss how, std::uint64_t then_after, const sample& which);

}  // namespace canaryd::simulation
