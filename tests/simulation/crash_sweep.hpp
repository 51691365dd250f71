// The crash sweep plays a scenario again and again with a crash at another point each time, until
// it has crashed at every await and every commit.
#pragma once

#include "scenarios.hpp"
#include <cstdint>
#include <string>
#include <vector>

namespace canaryd::simulation {

// Every `every`-th point, beginning `first` points after the first one.
struct sample {
  std::uint64_t every = 1;
  std::uint64_t first = 0;
};

struct sweep_result {
  // The number of points that were tried.
  std::uint64_t points = 0;
  std::vector<std::string> problems;
};

// Tries each crash of the sample, followed by a second one `then_after` points later if that is not
// 0. At every other crash, another version of the program runs before the restart. A crash may not
// change how a job ends, unless that is a race.
sweep_result sweep(const scenario& what, loss how, std::uint64_t then_after, const sample& which);

}  // namespace canaryd::simulation
