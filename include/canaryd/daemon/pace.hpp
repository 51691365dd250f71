// Slows down all polls evenly, so that all jobs together need no more than the rate budget, the
// connections and the API's answering time allow (reference: "Rate budget").
#pragma once

#include "canaryd/base/time.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <utility>

namespace canaryd::daemon {

// How many polls per second are possible now.
struct poll_capacity {
  double by_rate = std::numeric_limits<double>::infinity();
  double by_connections = std::numeric_limits<double>::infinity();
  // The time that one answer takes, however few polls there are.
  duration answer{};
};

class pace {
 public:
  explicit pace(std::function<poll_capacity()> capacity) : capacity_{std::move(capacity)} {}

  // Call them when a job begins and when it ends. `between` is the time between two of its polls
  // (job::time_between_polls).
  void join(duration between) {
    demand_ += per_second(between);
    ++jobs_;
  }
  void leave(duration between);

  // The factor for all intervals, at least 1.
  double stretch() const { return stretch_at(demand_); }
  // The factor for this interval. It is greater if the interval is shorter than an answer takes.
  double stretch_of(duration interval) const;
  // The factor for all intervals if this job is added.
  double stretch_with(duration between) const { return stretch_at(demand_ + per_second(between)); }
  bool has_jobs() const { return jobs_ > 0; }
  // True if the connections, not the rate, limit the polls.
  bool lacks_connections() const;

 private:
  static double per_second(duration interval) {
    return 1.0 / std::chrono::duration<double>{interval}.count();
  }
  double stretch_at(double demand) const;

  std::function<poll_capacity()> capacity_;
  // The number of polls per second that all jobs together ask for.
  double demand_ = 0.0;
  std::size_t jobs_ = 0;
};

}  // namespace canaryd::daemon
