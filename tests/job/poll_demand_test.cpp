#include "canaryd/job/poll_demand.hpp"

#include <gtest/gtest.h>

namespace canaryd::job {
namespace {

using namespace std::chrono_literals;

TEST(poll_demand, a_reading_against_the_limits_is_one_poll) {
  const job spec{.validation_interval = 30s};
  EXPECT_EQ(time_between_polls(spec), 30s);
  EXPECT_EQ(polls_asked_for(spec, {.requests = 1, .per = 5min}), 10);
}

TEST(poll_demand, a_reading_against_the_stable_arm_is_two_polls) {
  for (const auto held_against : {comparison::stable, comparison::both}) {
    const job spec{.validation_interval = 30s, .analysis = {.compare_to = held_against}};
    EXPECT_EQ(time_between_polls(spec), 15s);
    EXPECT_EQ(polls_asked_for(spec, {.requests = 1, .per = 5min}), 20);
  }
}

TEST(poll_demand, the_reading_at_the_end_of_a_hold_counts) {
  const job spec{.validation_interval = 30s};
  EXPECT_EQ(readings_in(spec, 30s), 1);
  EXPECT_EQ(readings_in(spec, 31s), 2);
  EXPECT_EQ(readings_in(spec, 100s), 4);
  EXPECT_EQ(readings_in(spec, 120s), 4);
}

}  // namespace
}  // namespace canaryd::job
