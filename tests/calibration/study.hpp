// Thousands of canaries of one kind, and what can be said of them.
#pragma once

#include "trial.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::calibration {

// What has to come out of a study.
enum class demand : std::uint8_t {
  // It is there for comparison.
  none,
  // Healthy canaries: at most alpha of them are rolled back, with the upper bound of the estimate.
  few_rolled_back,
  // Bad canaries: 99 in 100 are rolled back within an hour.
  caught_within_an_hour,
};

struct study {
  std::string name;
  job::job spec;
  behaviour how;
  demand wanted = demand::none;
};

struct findings {
  std::int64_t canaries = 0;
  std::int64_t rolled_back = 0;
  std::int64_t within_5_minutes = 0;
  std::int64_t within_an_hour = 0;
  // The upper end of the one-sided 95 % confidence interval (Clopper and Pearson) of the share
  // that is rolled back.
  double upper_bound = 1.0;
  // Of those that were rolled back.
  std::optional<duration> median_time;
};

// The same seed gives the same findings, on as many cores as there are.
findings carry_out(const study& what, std::int64_t canaries, std::uint64_t seed);

bool is_met(const study& what, const findings& found);

}  // namespace canaryd::calibration
