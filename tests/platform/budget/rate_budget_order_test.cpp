#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/budget/rate_budget_fixture.hpp"

namespace canaryd::platform {
namespace {

using testing::ElementsAre;
using rate_budget_order = rate_budget_test;

TEST_F(rate_budget_order, grants_at_once_while_there_is_a_burst) {
  start(priority::poll, 8);
  time.settle();
  EXPECT_EQ(log.size(), 8U);
  EXPECT_EQ(budget.counts().admitted, 8U);
  EXPECT_EQ(budget.counts().longest_wait, 0s);
}

TEST_F(rate_budget_order, serves_by_priority_and_in_order_of_arrival_within_one) {
  use_up_burst();
  start(priority::record);
  start(priority::deploy);
  start(priority::change);
  start(priority::rollback_repeat);
  start(priority::rollback);
  time.run();
  EXPECT_THAT(order(), ElementsAre(priority::rollback, priority::rollback_repeat, priority::change,
                                   priority::deploy, priority::record));
}

TEST_F(rate_budget_order, a_rollbacks_first_attempt_overtakes_everybody) {
  use_up_burst();
  start(priority::poll, 50);
  start(priority::change, 50);
  time.run_for(20s);
  log.clear();
  start(priority::rollback);
  const auto asked = async::clock::now();
  time.run_for(5s);
  ASSERT_FALSE(log.empty());
  EXPECT_EQ(log.front().rank, priority::rollback);
  EXPECT_LE(log.front().at - asked, 1s);
}

TEST_F(rate_budget_order, keeps_the_last_of_a_burst_for_rollbacks) {
  start(priority::poll, 20);
  time.settle();
  EXPECT_EQ(log.size(), 8U);
  log.clear();
  start(priority::rollback, 2);
  time.settle();
  EXPECT_THAT(order(), ElementsAre(priority::rollback, priority::rollback));
}

TEST_F(rate_budget_order, connections_are_limited_and_two_more_are_kept_for_rollbacks) {
  budget.reconfigure({.requests = 100'000, .per = 1s, .max_connections = 3});
  start(priority::change, 5, 10s);
  time.settle();
  EXPECT_EQ(count_of(priority::change), 3);
  start(priority::rollback_repeat, 1, 10s);
  start(priority::rollback, 2, 10s);
  time.settle();
  EXPECT_EQ(log.size(), 5U);
  EXPECT_EQ(budget.waiting(), 3U);
  time.run();
  EXPECT_EQ(log.size(), 8U);
}

TEST_F(rate_budget_order, deploys_and_records_that_take_their_time_leave_a_quarter_to_polls) {
  budget.reconfigure({.requests = 100'000, .per = 1s, .max_connections = 8});
  start(priority::deploy, 5, 10s);
  start(priority::record, 5, 10s);
  start(priority::poll, 3, 10s);
  time.settle();
  EXPECT_EQ(count_of(priority::deploy), 5);
  EXPECT_EQ(count_of(priority::record), 1);
  EXPECT_EQ(count_of(priority::poll), 2);
  time.run();
  EXPECT_EQ(log.size(), 13U);
}

TEST_F(rate_budget_order, a_permit_gives_its_connection_back_when_its_task_is_cancelled) {
  budget.reconfigure({.requests = 100'000, .per = 1s, .max_connections = 1});
  const auto holder = tasks.spawn(call_once(budget, priority::change, 1h, log));
  time.settle();
  start(priority::poll);
  time.settle();
  EXPECT_EQ(log.size(), 1U);
  async::task_group::cancel(holder);
  time.settle();
  EXPECT_EQ(log.size(), 2U);
}

TEST_F(rate_budget_order, a_cancelled_waiter_leaves_the_queue) {
  use_up_burst();
  const auto cancelled = tasks.spawn(call_once(budget, priority::change, 0s, log));
  start(priority::record);
  time.settle();
  EXPECT_EQ(budget.waiting(), 2U);
  async::task_group::cancel(cancelled);
  time.settle();
  EXPECT_EQ(budget.waiting(), 1U);
  time.run();
  EXPECT_THAT(order(), ElementsAre(priority::record));
}

TEST_F(rate_budget_order, a_waiter_cancelled_as_it_is_served_wastes_no_connection) {
  budget.reconfigure({.requests = 100'000, .per = 1s, .max_connections = 1});
  const auto holder = tasks.spawn(call_once(budget, priority::change, 1h, log));
  const auto next = tasks.spawn(call_once(budget, priority::change, 1h, log));
  start(priority::poll);
  time.settle();
  async::task_group::cancel(holder);
  async::task_group::cancel(next);
  time.settle();
  EXPECT_EQ(log.back().rank, priority::poll);
}

TEST_F(rate_budget_order, a_wait_may_have_a_deadline) {
  use_up_burst();
  bool admitted = true;
  tasks.spawn(call_until(async::clock::now() + 500ms, budget, admitted));
  time.run_for(500ms);
  EXPECT_FALSE(admitted);
  EXPECT_EQ(budget.waiting(), 0U);
  tasks.spawn(call_until(async::clock::now() + 60s, budget, admitted));
  time.run_for(60s);
  EXPECT_TRUE(admitted);
}

TEST_F(rate_budget_order, a_waiters_priority_can_be_raised) {
  use_up_burst();
  rate_budget::ticket where{priority::poll};
  start(priority::record, 2);
  tasks.spawn(call_at(budget, where, priority::poll, log));
  time.settle();
  budget.raise(where, priority::deploy);
  budget.raise(where, priority::record);
  time.run();
  EXPECT_THAT(order(), ElementsAre(priority::poll, priority::record, priority::record));
}

TEST_F(rate_budget_order, a_place_may_be_ahead_of_its_rank) {
  use_up_burst();
  constexpr bool ahead = true;
  rate_budget::ticket where{priority::poll, ahead};
  start(priority::record, 2);
  start(priority::poll, 2);
  tasks.spawn(call_at(budget, where, priority::deploy, log));
  time.settle();
  budget.raise(where, priority::record);
  time.run();
  EXPECT_EQ(order().front(), priority::deploy);
}

TEST_F(rate_budget_order, waits_are_told_and_summed_up) {
  std::vector<duration> waits;
  budget.observe_waits([&](duration wait) { waits.push_back(wait); });
  use_up_burst();
  start(priority::rollback);
  time.run();
  ASSERT_EQ(waits.size(), 11U);
  EXPECT_EQ(waits.front(), 0s);
  EXPECT_EQ(waits.back(), budget.counts().longest_wait);
  EXPECT_EQ(budget.counts().waited, budget.counts().longest_wait);
}

TEST_F(rate_budget_order, serves_a_hundred_thousand_waiters) {
  budget.reconfigure({.requests = 1'000'000, .per = 1s, .max_connections = 1000});
  time.run_for(1s);
  start(priority::change, 1000, 1s);
  start(priority::poll, 50'000);
  start(priority::record, 50'000);
  time.settle();
  EXPECT_EQ(budget.waiting(), 100'000U);
  time.run();
  EXPECT_EQ(log.size(), 101'000U);
  EXPECT_EQ(budget.waiting(), 0U);
}

TEST_F(rate_budget_order, may_end_while_its_alarm_is_about_to_go_off) {
  {
    rate_budget short_lived{time.executor(), {.requests = 1, .per = 1s, .max_connections = 1}};
    async::task_group callers{time.executor()};
    callers.spawn(call_once(short_lived, priority::poll, 0s, log));
    callers.spawn(call_once(short_lived, priority::poll, 0s, log));
    time.settle();
    callers.cancel();
    time.settle();
    time.clock().advance_to(time.context(), async::clock::now() + 10s);
  }
  time.run();
  EXPECT_EQ(log.size(), 1U);
}

}  // namespace
}  // namespace canaryd::platform
