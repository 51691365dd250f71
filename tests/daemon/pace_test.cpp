#include "canaryd/daemon/pace.hpp"

#include <gtest/gtest.h>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;

TEST(pace, polls_stretch_as_soon_as_they_are_more_than_the_budget_has) {
  pace rhythm{[] { return poll_capacity{.by_rate = 0.125}; }};
  rhythm.join(16s);
  EXPECT_EQ(rhythm.stretch(), 1.0);
  EXPECT_EQ(rhythm.stretch_with(16s), 1.0);
  EXPECT_EQ(rhythm.stretch_with(8s), 1.5);
  rhythm.join(8s);
  EXPECT_EQ(rhythm.stretch(), 1.5);
  rhythm.leave(16s);
  EXPECT_EQ(rhythm.stretch(), 1.0);
}

TEST(pace, connections_that_the_api_keeps_busy_stretch_polls_as_well) {
  poll_capacity capacity{.by_rate = 100.0};
  pace rhythm{[&capacity] { return capacity; }};
  for (int i = 0; i < 50; ++i)
    rhythm.join(1s);
  EXPECT_EQ(rhythm.stretch(), 1.0);
  EXPECT_FALSE(rhythm.lacks_connections());
  // The polls are a tenth more than the connections can carry, so that none of them is idle.
  capacity.by_connections = 20.0;
  EXPECT_NEAR(rhythm.stretch(), 50.0 / 22.0, 1e-9);
  EXPECT_TRUE(rhythm.lacks_connections());
}

TEST(pace, an_interval_that_is_shorter_than_an_answer_takes_stretches_alone) {
  pace rhythm{[] { return poll_capacity{.answer = 3s}; }};
  rhythm.join(2s);
  EXPECT_EQ(rhythm.stretch(), 1.0);
  EXPECT_EQ(rhythm.stretch_of(2s), 1.5);
  EXPECT_EQ(rhythm.stretch_of(30s), 1.0);
}

}  // namespace
}  // namespace canaryd::daemon
