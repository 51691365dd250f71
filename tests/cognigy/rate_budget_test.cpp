#include "canaryd/cognigy/rate_budget.hpp"

#include "canaryd/async/task_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/virtual_time.hpp"
#include <algorithm>
#include <random>
#include <vector>

namespace canaryd::cognigy {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;

struct admission {
  priority rank;
  core::instant at;
};

// Waits for a permit, notes when it came, and holds the connection for a while.
async::task<> call_once(rate_budget& budget, priority rank, core::duration hold,
                        std::vector<admission>& log) {
  const auto permit = co_await budget.admit(rank);
  log.push_back({rank, permit.admitted_at()});
  if (hold > 0s)
    co_await async::sleep_for(hold);
}

async::task<> call_after(core::duration delay, rate_budget& budget, priority rank,
                         core::duration hold, std::vector<admission>& log) {
  co_await async::sleep_for(delay);
  co_await call_once(budget, rank, hold, log);
}

async::task<> call_until(core::instant deadline, rate_budget& budget, bool& admitted) {
  admitted = (co_await budget.admit(priority::poll, deadline)).has_value();
}

async::task<> call_at(rate_budget& budget, rate_budget::place& where, priority rank,
                      std::vector<admission>& log) {
  const auto permit = co_await budget.admit(where, core::instant::max());
  log.push_back({rank, permit->admitted_at()});
}

std::size_t most_in_a_window(const std::vector<admission>& log, core::duration length) {
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < log.size(); ++last) {
    while (log[last].at - log[first].at >= length)
      ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

double seconds_between(core::instant from, core::instant to) {
  return std::chrono::duration<double>(to - from).count();
}

class rate_budget_test : public testing::Test {
 protected:
  ~rate_budget_test() override {
    tasks.cancel();
    time.settle();
  }

  void start(priority rank, int count = 1, core::duration hold = {}) {
    for (int i = 0; i < count; ++i)
      tasks.spawn(call_once(budget, rank, hold, log));
  }

  std::vector<priority> order() const {
    std::vector<priority> ranks;
    for (const auto& entry : log)
      ranks.push_back(entry.rank);
    return ranks;
  }

  std::ptrdiff_t count_of(priority rank) const { return std::ranges::count(order(), rank); }

  // Takes the whole burst, so that what follows waits for the rate.
  void use_up_burst() {
    start(priority::rollback, static_cast<int>(std::max<std::int64_t>(1, options.requests / 10)));
    time.settle();
    log.clear();
  }

  support::virtual_time time;
  // One request a second beside a burst of ten.
  budget_options options{.requests = 100, .per = 90s, .max_connections = 1000};
  rate_budget budget{time.executor(), options};
  async::task_group tasks{time.executor()};
  std::vector<admission> log;
};

TEST_F(rate_budget_test, grants_at_once_while_there_is_a_burst) {
  start(priority::poll, 8);
  time.settle();
  EXPECT_EQ(log.size(), 8U);
  EXPECT_EQ(budget.counts().admitted, 8U);
  EXPECT_EQ(budget.counts().longest_wait, 0s);
}

TEST_F(rate_budget_test, then_grants_at_the_sustained_rate) {
  use_up_burst();
  const auto begun = async::clock::now();
  start(priority::rollback, 3);
  time.run();
  ASSERT_EQ(log.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(seconds_between(begun, log[i].at), static_cast<double>(i + 1), 1e-6);
  EXPECT_NEAR(budget.polls_per_second(), 1.0, 1e-9);
}

TEST_F(rate_budget_test, serves_by_priority_and_in_order_of_arrival_within_one) {
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

TEST_F(rate_budget_test, a_rollbacks_first_attempt_overtakes_everybody) {
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

TEST_F(rate_budget_test, keeps_the_last_of_a_burst_for_rollbacks) {
  start(priority::poll, 20);
  time.settle();
  EXPECT_EQ(log.size(), 8U);
  log.clear();
  start(priority::rollback, 2);
  time.settle();
  EXPECT_THAT(order(), ElementsAre(priority::rollback, priority::rollback));
}

TEST_F(rate_budget_test, polls_keep_a_quarter_whatever_else_waits) {
  use_up_burst();
  start(priority::poll, 400);
  start(priority::change, 400);
  start(priority::record, 400);
  time.run_for(400s);
  EXPECT_NEAR(static_cast<double>(count_of(priority::poll)), 100.0, 2.0);
  EXPECT_NEAR(static_cast<double>(log.size()), 400.0, 3.0);
}

TEST_F(rate_budget_test, polls_catch_up_after_a_storm_of_rollbacks_but_not_without_bound) {
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

TEST_F(rate_budget_test, rollback_repeats_take_at_most_half) {
  use_up_burst();
  start(priority::rollback_repeat, 1000);
  start(priority::change, 1000);
  time.run_for(400s);
  EXPECT_NEAR(static_cast<double>(count_of(priority::rollback_repeat)), 200.0, 7.0);
  EXPECT_NEAR(static_cast<double>(log.size()), 400.0, 3.0);
}

TEST_F(rate_budget_test, rollback_repeats_leave_half_unused_where_nobody_else_wants_it) {
  start(priority::rollback_repeat, 1000);
  time.run_for(90s);
  EXPECT_LE(log.size(), 50U);
  EXPECT_GE(log.size(), 45U);
}

TEST_F(rate_budget_test, is_never_exceeded_in_any_window_under_random_load) {
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

TEST_F(rate_budget_test, connections_are_limited_and_two_more_are_kept_for_rollbacks) {
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

TEST_F(rate_budget_test, a_permit_gives_its_connection_back_when_its_task_is_cancelled) {
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

TEST_F(rate_budget_test, a_cancelled_waiter_leaves_the_queue) {
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

TEST_F(rate_budget_test, a_waiter_cancelled_as_it_is_served_wastes_no_connection) {
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

TEST_F(rate_budget_test, a_wait_may_have_a_deadline) {
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

TEST_F(rate_budget_test, a_waiters_priority_can_be_raised) {
  use_up_burst();
  rate_budget::place where{priority::poll};
  start(priority::record, 2);
  tasks.spawn(call_at(budget, where, priority::poll, log));
  time.settle();
  budget.raise(where, priority::deploy);
  budget.raise(where, priority::record);
  time.run();
  EXPECT_THAT(order(), ElementsAre(priority::poll, priority::record, priority::record));
}

TEST_F(rate_budget_test, a_place_may_be_ahead_of_its_rank) {
  use_up_burst();
  constexpr bool ahead = true;
  rate_budget::place where{priority::poll, ahead};
  start(priority::record, 2);
  start(priority::poll, 2);
  tasks.spawn(call_at(budget, where, priority::deploy, log));
  time.settle();
  budget.raise(where, priority::record);
  time.run();
  EXPECT_EQ(order().front(), priority::deploy);
}

TEST_F(rate_budget_test, a_429_halves_the_rate_once_for_all_requests_admitted_before) {
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

TEST_F(rate_budget_test, the_rate_never_falls_below_a_sixteenth) {
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

TEST_F(rate_budget_test, success_gives_the_rate_back_step_by_step) {
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

TEST_F(rate_budget_test, retry_after_stops_everybody_and_rollbacks_for_a_minute_at_most) {
  const auto now = async::clock::now();
  budget.report_throttled(now, 2min);
  start(priority::poll);
  start(priority::change);
  start(priority::rollback_repeat);
  start(priority::rollback);
  time.run();
  ASSERT_THAT(order(), ElementsAre(priority::rollback, priority::rollback_repeat, priority::change,
                                   priority::poll));
  EXPECT_EQ(log[0].at, now + 60s);
  EXPECT_GE(log[2].at, now + 2min);
  EXPECT_LE(log[3].at, now + 2min + 5s);
}

TEST_F(rate_budget_test, retry_after_is_cut_to_five_minutes) {
  const auto now = async::clock::now();
  budget.report_throttled(now, 10h);
  start(priority::poll);
  time.run();
  EXPECT_EQ(log.front().at, now + 5min);
}

TEST_F(rate_budget_test, new_limits_hold_at_once) {
  use_up_burst();
  start(priority::poll, 50);
  time.settle();
  budget.reconfigure({.requests = 1000, .per = 90s, .max_connections = 1000});
  time.run_for(10s);
  EXPECT_GE(log.size(), 45U);
  EXPECT_NEAR(budget.polls_per_second(), 10.0, 1e-9);
}

TEST_F(rate_budget_test, waits_are_told_and_summed_up) {
  std::vector<core::duration> waits;
  budget.observe_waits([&](core::duration wait) { waits.push_back(wait); });
  use_up_burst();
  start(priority::rollback);
  time.run();
  ASSERT_EQ(waits.size(), 11U);
  EXPECT_EQ(waits.front(), 0s);
  EXPECT_EQ(waits.back(), budget.counts().longest_wait);
  EXPECT_EQ(budget.counts().waited, budget.counts().longest_wait);
}

TEST_F(rate_budget_test, serves_a_hundred_thousand_waiters) {
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

TEST_F(rate_budget_test, may_end_while_its_alarm_is_about_to_go_off) {
  {
    rate_budget short_lived{time.executor(), {.requests = 1, .per = 1s, .max_connections = 1}};
    async::task_group callers{time.executor()};
    callers.spawn(call_once(short_lived, priority::poll, 0s, log));
    callers.spawn(call_once(short_lived, priority::poll, 0s, log));
    time.settle();
    callers.cancel();
    time.settle();
    time.clock().advance_to(async::clock::now() + 10s);
  }
  time.run();
  EXPECT_EQ(log.size(), 1U);
}

}  // namespace
}  // namespace canaryd::cognigy
