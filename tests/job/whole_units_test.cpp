#include "canaryd/job/whole_units.hpp"

#include <gtest/gtest.h>

namespace canaryd::job {
namespace {

using namespace std::chrono_literals;

constexpr auto from = instant{5h + 17s};
constexpr whole_units minutes{.from = from, .unit = 1min};
constexpr whole_units seconds{.from = from, .unit = 1s};

TEST(whole_units, a_request_goes_out_up_to_two_seconds_after_the_end_of_a_unit) {
  EXPECT_EQ(next_chance(minutes, from + 3min), from + 3min);
  EXPECT_EQ(next_chance(minutes, from + 3min + 2s), from + 3min + 2s);
  EXPECT_EQ(next_chance(minutes, from + 3min + 2s + 1ns), from + 4min);
  EXPECT_EQ(next_chance(minutes, from + 4min - 1ns), from + 4min);
}

TEST(whole_units, a_request_waits_for_the_end_of_the_first_unit) {
  EXPECT_EQ(next_chance(minutes, from), from + 1min);
  EXPECT_EQ(next_chance(minutes, from + 1s), from + 1min);
  EXPECT_EQ(next_chance(minutes, from - 90s), from + 1min);
}

TEST(whole_units, a_request_in_seconds_never_waits) {
  EXPECT_EQ(next_chance(seconds, from + 1s), from + 1s);
  EXPECT_EQ(next_chance(seconds, from + 7s + 999ms), from + 7s + 999ms);
}

TEST(whole_units, a_window_is_the_units_that_have_ended) {
  EXPECT_EQ(ended_units(minutes, from + 3min), 3min);
  EXPECT_EQ(ended_units(minutes, from + 4min - 1ns), 3min);
  EXPECT_EQ(ended_units(seconds, from + 90'500ms), 90s);
}

TEST(whole_units, a_window_is_at_least_one_unit_and_at_most_a_day) {
  EXPECT_EQ(ended_units(minutes, from), 1min);
  EXPECT_EQ(ended_units(minutes, from - 1h), 1min);
  EXPECT_EQ(ended_units(minutes, from + 24h), 24h);
  EXPECT_EQ(ended_units(minutes, from + 30h), 24h);
}

}  // namespace
}  // namespace canaryd::job
