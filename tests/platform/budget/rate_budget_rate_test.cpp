#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/budget/rate_budget_fixture.hpp"
#include <random>

namespace canaryd::platform {
namespace {

using testing::ElementsAre;
using rate_budget_rate = rate_budget_test;

TEST_F(rate_budget_rate, then_grants_at_the_sustained_rate) {
  use_up_burst();
  const auto begun = async::clock::now();
  start(priority::rollback, 3);
  time.run();
  ASSERT_EQ(log.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(seconds_between(begun, log[i].at), static_cast<double>(i + 1), 1e-6);
  EXPECT_NEAR(budget.polls_per_second(), 1.0, 1e-9);
}

TEST_F(rate_budget_rate, polls_keep_a_quarter_whatever_else_waits) {
  use_up_burst();
  start(priority::poll, 400);
  start(priority::change, 400);
  start(priority::record, 400);
  time.run_for(400s);
  EXPECT_NEAR(static_cast<double>(count_of(priority::poll)), 100.0, 2.0);
  EXPECT_NEAR(static_cast<double>(log.size()), 400.0, 3.0);
}

TEST_F(rate_budget_rate, polls_catch_up_after_a_storm_of_rollbacks_but_not_without_bound) {
  use_up_burst();
  start(priority::poll, 100);
  start(priority::change, 100);
  start(priority::rollback, 50);
  time.run_for(50s);
  EXPECT_EQ(count_of(priority::poll), 0);
  log.clear();
  time.run_for(10s);
  ASSERT_GE(log.size(), 6U);
  EXPECT_EQ(order()[3], priority::poll);
  EXPECT_EQ(order()[4], priority::change);
  EXPECT_EQ(order()[5], priority::change);
}

TEST_F(rate_budget_rate, rollback_repeats_take_at_most_half) {
  use_up_burst();
  start(priority::rollback_repeat, 1000);
  start(priority::change, 1000);
  time.run_for(400s);
  EXPECT_NEAR(static_cast<double>(count_of(priority::rollback_repeat)), 200.0, 7.0);
  EXPECT_NEAR(static_cast<double>(log.size()), 400.0, 3.0);
}

TEST_F(rate_budget_rate, rollback_repeats_leave_half_unused_where_nobody_else_wants_it) {
  start(priority::rollback_repeat, 1000);
  time.run_for(90s);
  EXPECT_LE(log.size(), 50U);
  EXPECT_GE(log.size(), 45U);
}

TEST_F(rate_budget_rate, is_never_exceeded_in_any_window_under_random_load) {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    std::mt19937 random{seed};
    const auto pick = [&](int most) { return std::uniform_int_distribution{0, most}(random); };
    const budget_options limits{.requests = 1 + pick(seed == 4 ? 0 : 200),
                                .per = 10s + 1s * pick(50),
                                .max_connections = 20};
    rate_budget limited{time.executor(), limits};
    std::vector<admission> granted;
    for (int i = 0; i < 600; ++i)
      tasks.spawn(call_after(1ms * pick(100'000), limited, static_cast<priority>(pick(5)),
                             1ms * pick(500), granted));
    time.run_for(600s);
    EXPECT_LE(most_in_a_window(granted, limits.per), static_cast<std::size_t>(limits.requests))
        << "seed " << seed;
    EXPECT_GE(granted.size(), static_cast<std::size_t>(limits.requests)) << "seed " << seed;
    while (limited.waiting() > 0)
      time.run_for(10000s);
    time.run();
    EXPECT_EQ(granted.size(), 600U);
  }
}

TEST_F(rate_budget_rate, a_429_halves_the_rate_once_for_all_requests_admitted_before) {
  const auto admitted_at = async::clock::now();
  time.run_for(1s);
  budget.report_throttled(admitted_at, std::nullopt);
  EXPECT_NEAR(budget.polls_per_second(), 0.5, 1e-9);
  time.run_for(1s);
  budget.report_throttled(admitted_at + 500ms, std::nullopt);
  EXPECT_NEAR(budget.polls_per_second(), 0.5, 1e-9);
  budget.report_throttled(admitted_at + 1500ms, std::nullopt);
  EXPECT_NEAR(budget.polls_per_second(), 0.25, 1e-9);
}

TEST_F(rate_budget_rate, the_rate_never_falls_below_a_sixteenth) {
  for (int i = 0; i < 10; ++i) {
    time.run_for(1s);
    budget.report_throttled(async::clock::now(), std::nullopt);
  }
  EXPECT_NEAR(budget.polls_per_second(), 1.0 / 16, 1e-9);
  use_up_burst();
  start(priority::poll, 3);
  time.run_for(100s);
  EXPECT_GE(log.size(), 3U);
}

TEST_F(rate_budget_rate, success_gives_the_rate_back_step_by_step) {
  budget.report_throttled(async::clock::now(), std::nullopt);
  budget.report_success();
  EXPECT_NEAR(budget.polls_per_second(), 8.0 / 16, 1e-9);
  for (int i = 9; i <= 16; ++i) {
    time.run_for(1s);
    budget.report_success();
    budget.report_success();
    EXPECT_NEAR(budget.polls_per_second(), i / 16.0, 1e-9);
  }
  time.run_for(1s);
  budget.report_success();
  EXPECT_NEAR(budget.polls_per_second(), 1.0, 1e-9);
}

TEST_F(rate_budget_rate, retry_after_stops_the_client_as_long_as_each_may_be_stopped) {
  const auto now = async::clock::now();
  budget.report_throttled(now, 10h);
  for (const auto rank : {priority::poll, priority::record, priority::deploy, priority::change,
                          priority::rollback_repeat, priority::rollback})
    start(rank);
  time.run();
  ASSERT_THAT(order(), ElementsAre(priority::rollback, priority::rollback_repeat, priority::change,
                                   priority::poll, priority::deploy, priority::record));
  EXPECT_EQ(log[0].at, now);
  EXPECT_EQ(log[1].at, now + 60s);
  EXPECT_LE(log[3].at, now + 60s + 5s);
  EXPECT_EQ(log[4].at, now + 5min);
}

TEST_F(rate_budget_rate, a_wait_that_was_given_up_keeps_no_loop_running) {
  start(priority::poll);
  time.settle();
  budget.report_throttled(async::clock::now(), 60s);
  start(priority::poll);
  time.settle();
  tasks.cancel();
  time.settle();
  // A loop that nothing is left to wait for stops by itself.
  time.context().poll();
  EXPECT_TRUE(time.context().stopped());
}

TEST_F(rate_budget_rate, a_shorter_retry_after_stops_everybody_alike) {
  const auto now = async::clock::now();
  budget.report_throttled(now, 20s);
  start(priority::record);
  start(priority::rollback_repeat);
  time.run();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0].at, now + 20s);
  EXPECT_EQ(log[1].at, now + 20s);
}

TEST_F(rate_budget_rate, a_stop_is_not_lengthened_beyond_its_bound_by_429s_that_keep_coming) {
  const auto now = async::clock::now();
  budget.report_throttled(now, 5min);
  start(priority::poll);
  start(priority::deploy);
  // First attempts of rollbacks go out meanwhile, and are answered alike.
  for (int i = 0; i < 59; ++i) {
    time.run_for(1s);
    budget.report_throttled(async::clock::now(), 5min);
  }
  time.run();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0].rank, priority::poll);
  EXPECT_EQ(log[0].at, now + 60s);
  EXPECT_EQ(log[1].at, now + 5min);
}

TEST_F(rate_budget_rate, each_minute_of_an_endless_stop_lets_a_poll_find_out_whether_it_is_over) {
  const auto now = async::clock::now();
  budget.report_throttled(now, 5min);
  for (int minute = 1; minute <= 12; ++minute) {
    start(priority::poll);
    time.run_until(now + minute * 60s);
    ASSERT_EQ(log.size(), static_cast<std::size_t>(minute));
    budget.report_throttled(log.back().at, 5min);
  }
  EXPECT_NEAR(budget.polls_per_second(), 1.0 / 16, 1e-9);
}

TEST_F(rate_budget_rate, what_is_taken_at_once_counts_and_never_waits) {
  for (int i = 0; i < 8; ++i)
    EXPECT_TRUE(budget.take_at_once(priority::poll)) << i;
  // The rest of the burst is kept for rollbacks.
  EXPECT_FALSE(budget.take_at_once(priority::poll));
  EXPECT_TRUE(budget.take_at_once(priority::rollback));
  EXPECT_TRUE(budget.take_at_once(priority::rollback));
  EXPECT_FALSE(budget.take_at_once(priority::rollback));
  time.run_for(90s);
  budget.report_throttled(async::clock::now(), 1s);
  EXPECT_FALSE(budget.take_at_once(priority::poll));
  EXPECT_TRUE(budget.take_at_once(priority::rollback));
}

TEST_F(rate_budget_rate, new_limits_hold_at_once) {
  use_up_burst();
  start(priority::poll, 50);
  time.settle();
  budget.reconfigure({.requests = 1000, .per = 90s, .max_connections = 1000});
  time.run_for(10s);
  EXPECT_GE(log.size(), 45U);
  EXPECT_NEAR(budget.polls_per_second(), 10.0, 1e-9);
}

}  // namespace
}  // namespace canaryd::platform
