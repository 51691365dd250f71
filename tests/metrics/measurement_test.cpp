#include "measurement.hpp"

#include <gtest/gtest.h>

namespace canaryd::metrics {
namespace {

const measured no_data = std::nullopt;

measured value(double told, std::optional<std::int64_t> count = std::nullopt) {
  return measurement{.value = told, .count = count};
}

TEST(measurement, a_rate_is_the_part_of_the_whole_with_its_count) {
  EXPECT_EQ(rate_of(3.0, 120.0), value(0.025, 120));
  EXPECT_EQ(rate_of(0.0, 120.0), value(0.0, 120));
  EXPECT_EQ(rate_of(120.0, 120.0), value(1.0, 120));
}

TEST(measurement, the_whole_of_an_extrapolated_rate_is_rounded) {
  EXPECT_EQ(rate_of(2.5, 124.75), value(2.5 / 124.75, 125));
  EXPECT_EQ(rate_of(5.25, 5.0), value(1.0, 5));
}

TEST(measurement, a_share_of_nothing_is_no_data) {
  EXPECT_EQ(rate_of(0.0, 0.0), no_data);
  EXPECT_EQ(rate_of(0.1, 0.4), no_data);
  EXPECT_EQ(counted_value(0.0, 0.0), no_data);
}

TEST(measurement, an_absent_part_is_no_data_and_never_0) {
  EXPECT_EQ(rate_of(std::nullopt, 120.0), no_data);
  EXPECT_EQ(rate_of(3.0, std::nullopt), no_data);
  EXPECT_EQ(counted_value(std::nullopt, 5.0), no_data);
  EXPECT_EQ(counted_value(0.5, std::nullopt), no_data);
  EXPECT_EQ(plain_value(std::nullopt), no_data);
}

TEST(measurement, what_cannot_be_a_rate_is_an_error) {
  EXPECT_FALSE(rate_of(-1.0, 120.0));
  EXPECT_FALSE(rate_of(1.0, -120.0));
  EXPECT_FALSE(rate_of(7.0, 5.0));
  EXPECT_FALSE(rate_of(1.0, 1e13));
}

TEST(measurement, a_count_is_a_whole_number) {
  EXPECT_EQ(counted_value(0.5, 12.0), value(0.5, 12));
  EXPECT_FALSE(counted_value(0.5, 12.5));
  EXPECT_FALSE(counted_value(0.5, -1.0));
  EXPECT_FALSE(counted_value(0.5, 1e13));
}

TEST(measurement, built_in_metrics_keep_their_bounds) {
  EXPECT_EQ(within_bounds("error_rate", value(1.0)), value(1.0));
  EXPECT_FALSE(within_bounds("error_rate", value(1.01)));
  EXPECT_FALSE(within_bounds("error_rate", value(-0.01)));
  EXPECT_EQ(within_bounds("satisfaction_score", value(5.0, 9)), value(5.0, 9));
  EXPECT_FALSE(within_bounds("satisfaction_score", value(5.1)));
  EXPECT_EQ(within_bounds("avg_latency_ms", value(99'000.0)), value(99'000.0));
  EXPECT_FALSE(within_bounds("avg_latency_ms", value(-1.0)));
}

TEST(measurement, counts_are_whole_and_not_negative) {
  for (const auto* name : {"conversation_count", "satisfaction_count"}) {
    EXPECT_EQ(within_bounds(name, value(3.0)), value(3.0));
    EXPECT_FALSE(within_bounds(name, value(-3.0)));
    EXPECT_FALSE(within_bounds(name, value(3.5)));
  }
}

TEST(measurement, other_metrics_may_be_anything_unless_they_are_rates) {
  EXPECT_EQ(within_bounds("drift", value(-3.5)), value(-3.5));
  EXPECT_EQ(within_bounds("escalations", value(0.5, 10)), value(0.5, 10));
  EXPECT_FALSE(within_bounds("escalations", value(1.5, 10)));
  EXPECT_FALSE(within_bounds("escalations", value(-0.5, 10)));
}

}  // namespace
}  // namespace canaryd::metrics
