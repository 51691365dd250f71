// How much slower than asked for everybody polls, so that all together keep to the rate budget
// (SPEC section 7).
#pragma once

#include "canaryd/core/time.hpp"

#include <functional>

namespace canaryd::daemon {

class pace {
 public:
  // `polls_per_second` tells what the rate budget can sustain at present.
  explicit pace(std::function<double()> polls_per_second)
      : capacity_{std::move(polls_per_second)} {}

  // A job with so much time between two polls (core::time_between_polls) begins, or has ended.
  void join(core::duration interval) { demand_ += per_second(interval); }
  void leave(core::duration interval);

  // The factor on all intervals, at least 1: all stretch evenly.
  double stretch() const { return stretch_at(demand_); }
  // The factor with one more job.
  double stretch_with(core::duration interval) const {
    return stretch_at(demand_ + per_second(interval));
  }

 private:
  static double per_second(core::duration interval) {
    return 1.0 / std::chrono::duration<double>{interval}.count();
  }
  double stretch_at(double demand) const;

  std::function<double()> capacity_;
  // Polls a second that the jobs together ask for.
  double demand_ = 0.0;
};

}  // namespace canaryd::daemon
