// scripts/simulate plays thousands of histories. These tests check that the histories are reliable.
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

TEST(random_history, goes_as_it_would_where_nobody_reads_the_log) {
  auto told = make_random_history(11);
  told.log_is_unread = false;
  const auto read = play(told);
  told.log_is_unread = true;
  const auto unread = play(told);
  EXPECT_EQ(unread.outcomes, read.outcomes);
  EXPECT_EQ(unread.points, read.points);
  EXPECT_EQ(unread.problems, std::vector<std::string>{});
}

}  // namespace
}  // namespace canaryd::simulation
