#include "counter_history.hpp"

#include <gtest/gtest.h>

namespace canaryd::metrics {
namespace {

using namespace std::chrono_literals;

platform::backend_counters counters(std::uint64_t requests, std::uint64_t errors,
                                    std::string start = "a") {
  return {.start = std::move(start),
          .sessions = requests,
          .requests = requests,
          .answers_5xx = errors,
          .response_time = {},
          .total_time = {}};
}

instant at(duration time) {
  return instant{1h + time};
}

TEST(counter_history, a_window_counts_the_difference_of_its_ends) {
  EXPECT_EQ(counted_between(counters(100, 3), counters(160, 5)),
            (counted_requests{.requests = 60, .answers_5xx = 2}));
  EXPECT_EQ(error_rate_of(counted_requests{.requests = 60, .answers_5xx = 3}),
            measured{(measurement{.value = 0.05, .count = 60})});
}

TEST(counter_history, a_restart_is_no_data) {
  EXPECT_EQ(counted_between(counters(100, 3), counters(160, 5, "b")), std::nullopt);
}

TEST(counter_history, a_counter_that_shrinks_is_no_data_and_never_negative) {
  EXPECT_EQ(counted_between(counters(100, 3), counters(99, 3)), std::nullopt);
  EXPECT_EQ(counted_between(counters(100, 3), counters(200, 2)), std::nullopt);
  auto fewer_sessions = counters(200, 3);
  fewer_sessions.sessions = 1;
  EXPECT_EQ(counted_between(counters(100, 3), fewer_sessions), std::nullopt);
}

TEST(counter_history, without_requests_there_is_no_error_rate) {
  const measured no_data = std::nullopt;
  EXPECT_EQ(error_rate_of(counted_between(counters(100, 3), counters(100, 3))), no_data);
  EXPECT_EQ(error_rate_of(std::nullopt), no_data);
}

TEST(counter_history, answers_to_requests_of_the_window_before_make_no_rate_above_1) {
  EXPECT_EQ(error_rate_of(counted_requests{.requests = 4, .answers_5xx = 6}),
            measured{(measurement{.value = 1.0, .count = 4})});
}

TEST(counter_history, a_single_reading_is_no_data) {
  counter_history history;
  EXPECT_EQ(history.counted_since(at(0s)), std::nullopt);
  history.add(at(0s), counters(100, 3));
  EXPECT_EQ(history.counted_since(at(0s)), std::nullopt);
}

TEST(counter_history, nothing_from_before_the_window_counts) {
  counter_history history;
  history.add(at(0s), counters(100, 50));
  history.add(at(30s), counters(200, 50));
  history.add(at(60s), counters(300, 51));
  EXPECT_EQ(history.counted_since(at(0s)), (counted_requests{.requests = 200, .answers_5xx = 1}));
  EXPECT_EQ(history.counted_since(at(10s)), (counted_requests{.requests = 100, .answers_5xx = 1}));
  EXPECT_EQ(history.counted_since(at(31s)), std::nullopt);
}

TEST(counter_history, a_window_with_a_restart_has_no_data_and_the_next_begins_after_it) {
  counter_history history;
  history.add(at(0s), counters(100, 3));
  history.add(at(30s), counters(400, 4, "b"));
  EXPECT_EQ(history.counted_since(at(0s)), std::nullopt);
  history.add(at(60s), counters(500, 6, "b"));
  EXPECT_EQ(history.counted_since(at(0s)), (counted_requests{.requests = 100, .answers_5xx = 2}));
}

TEST(counter_history, a_restart_between_readings_of_the_window_is_seen) {
  counter_history history;
  history.add(at(0s), counters(100, 0));
  history.add(at(30s), counters(50, 0));
  history.add(at(60s), counters(150, 0));
  EXPECT_EQ(history.counted_since(at(0s)), std::nullopt);
}

TEST(counter_history, a_day_of_readings_begins_where_it_should) {
  counter_history history;
  std::uint64_t requests = 0;
  for (auto time = 0s; time <= 24h; time += 5s)
    history.add(at(time), counters(requests += 5, 0));
  const auto counted = history.counted_since(at(0s));
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->requests, requests - 5);
  const auto newest_hour = history.counted_since(at(23h));
  ASSERT_TRUE(newest_hour);
  EXPECT_GE(newest_hour->requests, 55U * 60U);
  EXPECT_LE(newest_hour->requests, 60U * 60U);
}

}  // namespace
}  // namespace canaryd::metrics
