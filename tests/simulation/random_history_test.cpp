// Thousands of histories are played by scripts/simulate; here, that they can be relied on.
#include "random_history.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace canaryd::simulation {
namespace {

TEST(random_history, has_the_same_course_each_time) {
  const auto first = play(make_random_history(7));
  const auto second = play(make_random_history(7));
  EXPECT_EQ(first.outcomes, second.outcomes);
  EXPECT_EQ(first.points, second.points);
  EXPECT_EQ(first.problems, std::vector<std::string>{});
}

}  // namespace
}  // namespace canaryd::simulation
