#include "canaryd/sim/profile.hpp"

#include <gtest/gtest.h>

namespace canaryd::sim {
namespace {

using namespace std::chrono_literals;

TEST(profile, a_version_is_what_its_name_says) {
  const profile healthy;
  EXPECT_EQ(built_in_profile("2.1.0-canary"), healthy);
  EXPECT_EQ(built_in_profile("2.1.0-bad").error_rate, 0.12);
  EXPECT_EQ(built_in_profile("FAILing").error_rate, 0.12);
  EXPECT_GT(built_in_profile("2-Slow").avg_latency_ms, 2000.0);
  EXPECT_LT(built_in_profile("unhappy").satisfaction_score, 3.0);
  const auto both = built_in_profile("slow-and-bad");
  EXPECT_EQ(both.error_rate, 0.12);
  EXPECT_GT(both.avg_latency_ms, 2000.0);
}

TEST(profile, a_rule_takes_the_place_of_the_name) {
  const std::vector<profile_rule> rules{
      {.bot = "*", .version = "*bad*", .from = 0s, .what = {.error_rate = 0.5}},
      {.bot = "bot_b", .version = "*", .from = 0s, .what = {.error_rate = 0.25}}};
  EXPECT_EQ(phases_of(rules, "bot_a", "2-bad", 0s).at(0).what.error_rate, 0.5);
  EXPECT_EQ(phases_of(rules, "bot_b", "2-bad", 0s).at(0).what.error_rate, 0.25);
  EXPECT_EQ(phases_of(rules, "bot_a", "2-fail", 0s).at(0).what.error_rate, 0.12);
}

TEST(profile, a_version_may_change_with_time) {
  const std::vector<profile_rule> rules{
      {.bot = "*", .version = "*", .from = 2min, .what = {.error_rate = 0.5}},
      {.bot = "*", .version = "*", .from = 5min, .what = {.error_rate = 0.0}}};
  const auto phases = phases_of(rules, "bot_a", "2.0", 0s);
  ASSERT_EQ(phases.size(), 3U);
  EXPECT_EQ(phases[0].what, profile{});
  EXPECT_EQ(phases[1].from, 2min);
  EXPECT_EQ(phases[2].what.error_rate, 0.0);
}

TEST(profile, a_later_rule_ends_what_an_earlier_one_says_from_its_time_on) {
  const std::vector<profile_rule> rules{
      {.bot = "*", .version = "*", .from = 5min, .what = {.error_rate = 0.5}},
      {.bot = "*", .version = "*", .from = 2min, .what = {.error_rate = 0.25}}};
  const auto phases = phases_of(rules, "bot_a", "2.0", 0s);
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_EQ(phases[1].from, 2min);
}

// The stable version was deployed a day before, one canary comes at 3 min, and one after both
// rules.
TEST(profile, a_rule_by_the_time_of_the_simulation_meets_each_version_at_its_age) {
  const std::vector<profile_rule> rules{
      {.bot = "*", .version = "*", .at = 10min, .what = {.error_rate = 0.5}},
      {.bot = "*", .version = "*", .at = 15min, .what = {.error_rate = 0.0}}};
  const auto stable = phases_of(rules, "bot_a", "1.0", -24h);
  ASSERT_EQ(stable.size(), 3U);
  EXPECT_EQ(stable[1].from, 24h + 10min);
  EXPECT_EQ(stable[2].from, 24h + 15min);
  EXPECT_EQ(phases_of(rules, "bot_a", "2.0", 3min).at(1).from, 7min);
  const auto late = phases_of(rules, "bot_a", "3.0", 20min);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].from, 0s);
  EXPECT_EQ(late[0].what.error_rate, 0.0);
}

}  // namespace
}  // namespace canaryd::sim
