#include "canaryd/base/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace canaryd {
namespace {

using namespace std::chrono_literals;

error wants_rest(std::optional<duration> retry_after) {
  return {.kind = fault::try_again, .text = "busy", .status = 429, .retry_after = retry_after};
}

TEST(backoff, the_bound_doubles_up_to_the_cap) {
  EXPECT_EQ(backoff_bound(0), 1s);
  EXPECT_EQ(backoff_bound(1), 2s);
  EXPECT_EQ(backoff_bound(4), 16s);
  EXPECT_EQ(backoff_bound(5), 30s);
  EXPECT_EQ(backoff_bound(5, 60s), 32s);
  EXPECT_EQ(backoff_bound(6, 60s), 60s);
}

TEST(backoff, any_number_of_failures_has_a_bound) {
  EXPECT_EQ(backoff_bound(std::numeric_limits<std::int32_t>::max()), 30s);
  EXPECT_EQ(backoff_bound(-1), 1s);
}

TEST(backoff, jitter_covers_everything_from_zero_to_the_bound) {
  EXPECT_EQ(full_jitter(3, 0.0), 0s);
  EXPECT_EQ(full_jitter(3, 0.5), 4s);
  EXPECT_LT(full_jitter(3, 0.999), 8s);
}

TEST(backoff, retry_after_lengthens_a_wait_and_never_shortens_one) {
  EXPECT_EQ(retry_wait(wants_rest(7s), 3, 0.5), 7s);
  EXPECT_EQ(retry_wait(wants_rest(3s), 3, 0.5), 4s);
  EXPECT_EQ(retry_wait(wants_rest(0s), 3, 0.5), 4s);
  EXPECT_EQ(retry_wait(wants_rest(-1h), 3, 0.5), 4s);
  EXPECT_EQ(retry_wait(wants_rest({}), 3, 0.5), 4s);
}

TEST(backoff, retry_after_is_believed_up_to_a_limit) {
  EXPECT_EQ(retry_wait(wants_rest(1h), 0, 0.5), 5min);
  EXPECT_EQ(retry_wait(wants_rest(1h), 0, 0.5, 60s, 60s), 60s);
  EXPECT_EQ(retry_wait(wants_rest(1h), 2, 0.5, 30s, 0s), 2s);
  EXPECT_EQ(retry_wait(wants_rest(duration::max()), 0, 0.5), 5min);
}

}  // namespace
}  // namespace canaryd
