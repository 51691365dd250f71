// A rate budget in virtual time, and callers that wait for it.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"

#include <gtest/gtest.h>

#include "support/virtual_time.hpp"
#include <algorithm>
#include <vector>

namespace canaryd::platform {

using namespace std::chrono_literals;

struct admission {
  priority rank;
  instant at;
};

// Waits for a permit, notes when it came, and holds the connection for a while.
inline async::task<> call_once(rate_budget& budget, priority rank, duration hold,
                               std::vector<admission>& log) {
  const auto permit = co_await budget.admit(rank);
  log.push_back({rank, permit.admitted_at()});
  if (hold > 0s)
    co_await async::sleep_for(hold);
}

inline async::task<> call_after(duration delay, rate_budget& budget, priority rank, duration hold,
                                std::vector<admission>& log) {
  co_await async::sleep_for(delay);
  co_await call_once(budget, rank, hold, log);
}

inline async::task<> call_until(instant deadline, rate_budget& budget, bool& admitted) {
  admitted = (co_await budget.admit(priority::poll, deadline)).has_value();
}

inline async::task<> call_at(rate_budget& budget, rate_budget::ticket& where, priority rank,
                             std::vector<admission>& log) {
  const auto permit = co_await budget.admit(where, instant::max());
  log.push_back({rank, permit->admitted_at()});
}

inline std::size_t most_in_a_window(const std::vector<admission>& log, duration length) {
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < log.size(); ++last) {
    while (log[last].at - log[first].at >= length)
      ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

inline double seconds_between(instant from, instant to) {
  return std::chrono::duration<double>(to - from).count();
}

class rate_budget_test : public testing::Test {
 protected:
  ~rate_budget_test() override {
    tasks.cancel();
    time.settle();
  }

  void start(priority rank, int count = 1, duration hold = {}) {
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

}  // namespace canaryd::platform
