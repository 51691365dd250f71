#include "canaryd/daemon/pace.hpp"

#include <gtest/gtest.h>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;

TEST(pace, polls_stretch_as_soon_as_they_are_more_than_the_budget_has) {
  pace rhythm{[] { return 0.125; }};
  rhythm.join(16s);
  EXPECT_EQ(rhythm.stretch(), 1.0);
  EXPECT_EQ(rhythm.stretch_with(16s), 1.0);
  EXPECT_EQ(rhythm.stretch_with(8s), 1.5);
  rhythm.join(8s);
  EXPECT_EQ(rhythm.stretch(), 1.5);
  rhythm.leave(16s);
  EXPECT_EQ(rhythm.stretch(), 1.0);
}

}  // namespace
}  // namespace canaryd::daemon
