// How much slower than asked for everybody polls, so that all together ask for no more than the
// rate budget, the connections and the API's answering time allow (reference: "Rate budget").
#pragma once

#include "canaryd/base/time.hpp"

#include <functional>
#include <limits>
#include <utility>

namespace canaryd::daemon {

// Polls a second that may be sustained at present.
struct poll_capacity {
  double by_rate = std::numeric_limits<double>::infinity();
  double by_connections = std::numeric_limits<double>::infinity();
  // What one answer takes, however few polls there are.
  duration answer{};
};

class pace {
 public:
  explicit pace(std::function<poll_capacity()> capacity) : capacity_{std::move(capacity)} {}

  // A job with so much time between two polls (job::time_between_polls) begins, or has ended.
  void join(duration between) { demand_ += per_second(between); }
  void leave(duration between);

  // The factor on all intervals, at least 1: all stretch evenly.
  double stretch() const { return stretch_at(demand_); }
  // The factor on this interval, which is more where it is shorter than an answer takes.
  double stretch_of(duration interval) const;
  // The factor on all intervals with one more job.
  double stretch_with(duration between) const { return stretch_at(demand_ + per_second(between)); }
  // There are fewer connections than the rate would keep busy.
  bool lacks_connections() const;

 private:
  static double per_second(duration interval) {
    return 1.0 / std::chrono::duration<double>{interval}.count();
  }
  double stretch_at(double demand) const;

  std::function<poll_capacity()> capacity_;
  // Polls a second that the jobs together ask for.
  double demand_ = 0.0;
};

}  // namespace canaryd::daemon
