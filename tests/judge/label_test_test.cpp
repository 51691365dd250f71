#include "canaryd/judge/label_test.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace canaryd::judge {
namespace {

evidence after(const std::vector<label_block>& blocks, double tolerated_ratio = 1.0) {
  evidence gathered;
  for (const auto& each : blocks)
    add_block(gathered, each, tolerated_ratio);
  return gathered;
}

// Computed by hand from the definition: q_r / rho for each of the canary's errors.
TEST(label_test, its_values_are_those_of_the_definition) {
  EXPECT_NEAR(std::exp(log_worse(after({{50, 950, 8, 40}}))), 27.827208, 27.8 * 1e-5);
  EXPECT_NEAR(std::exp(log_worse(after({{50, 950, 3, 30}, {200, 800, 14, 24}}))), 9.6471518,
              9.6 * 1e-5);
}

TEST(label_test, nothing_seen_is_no_evidence) {
  EXPECT_NEAR(log_worse({}), 0.0, 1e-12);
  EXPECT_NEAR(log_better({}), 0.0, 1e-12);
}

TEST(label_test, a_block_without_conversations_in_one_arm_tells_nothing) {
  EXPECT_EQ(after({{50, 950, 8, 40}, {50, 0, 8, 0}, {0, 50, 0, 8}}), after({{50, 950, 8, 40}}));
}

// An error is the canary's with the probability that the ratio and the traffic give. The mean gain
// of a bet against that probability is the stake.
TEST(label_test, its_mean_at_the_tolerated_ratio_is_one) {
  for (const double tolerated : {1.0, 2.0, 7.5}) {
    const double rho = 0.2;
    const double share = tolerated * rho / (tolerated * rho + 1 - rho);
    const auto canary = after({{20, 80, 1, 0}}, tolerated);
    const auto stable = after({{20, 80, 0, 1}}, tolerated);
    EXPECT_NEAR(share * std::exp(log_worse(canary)) + (1 - share) * std::exp(log_worse(stable)),
                1.0, 1e-12);
    EXPECT_NEAR(share * std::exp(log_better(canary)) + (1 - share) * std::exp(log_better(stable)),
                1.0, 1e-12);
  }
}

TEST(label_test, twice_the_errors_are_evidence_unless_twice_is_tolerated) {
  const std::vector<label_block> twice(20, {100, 900, 10, 45});
  EXPECT_GT(log_worse(after(twice)), std::log(1000.0));
  EXPECT_LT(log_worse(after(twice, 2.0)), 0.0);
  EXPECT_LT(log_better(after(twice, 2.0)), std::log(20.0));
}

TEST(label_test, an_equal_canary_is_soon_shown_to_be_within_twice) {
  const std::vector<label_block> equal(20, {100, 900, 5, 45});
  EXPECT_GT(log_better(after(equal, 2.0)), std::log(20.0));
  EXPECT_LT(log_better(after(equal)), std::log(20.0));
}

TEST(label_test, a_rise_that_hits_both_arms_alike_is_no_evidence) {
  std::vector<label_block> outage;
  for (int i = 1; i <= 10; ++i)
    outage.push_back({100, 900, 5 * i, 45 * i});
  EXPECT_LT(log_worse(after(outage)), 0.0);
}

TEST(label_test, the_largest_numbers_stay_numbers) {
  const label_block huge{1'000'000'000, 1, 1'000'000'000, 1};
  for (const double tolerated : {1.0, 1e300})
    EXPECT_FALSE(std::isnan(log_worse(after({huge, huge}, tolerated))));
}

TEST(label_test, evidence_that_is_no_number_any_more_has_a_logarithm) {
  const auto overwhelming = after(std::vector<label_block>(1000, {100, 900, 50, 45}));
  EXPECT_TRUE(std::isfinite(log_worse(overwhelming)));
  EXPECT_TRUE(std::isfinite(log_better(overwhelming)));
}

}  // namespace
}  // namespace canaryd::judge
