// The exhaustive sweep takes too long for this tier: `scripts/simulate --sweep` is it. Here, one
// scenario in which everything is written that ever is.
#include "crash_sweep.hpp"

#include <gtest/gtest.h>

#include "random_history.hpp"
#include <algorithm>

namespace canaryd::simulation {
namespace {

scenario scenario_named(std::string_view name) {
  const auto all = all_scenarios();
  return *std::ranges::find(all, name, &scenario::name);
}

TEST(crash_sweep, no_crash_at_any_point_of_a_breach_changes_the_outcome) {
  const auto swept = sweep(scenario_named("breach"), loss::process);
  EXPECT_GT(swept.points, 50U);
  for (const auto& problem : swept.problems)
    ADD_FAILURE() << problem;
}

TEST(random_history, has_the_same_course_each_time) {
  const auto first = play(make_random_history(7));
  const auto second = play(make_random_history(7));
  EXPECT_EQ(first.outcomes, second.outcomes);
  EXPECT_EQ(first.points, second.points);
  EXPECT_EQ(first.problems, std::vector<std::string>{});
}

}  // namespace
}  // namespace canaryd::simulation
