#include "canaryd/daemon/pace.hpp"

#include <algorithm>

namespace canaryd::daemon {
namespace {

// If polls were due only as fast as connections become free, some connections would be idle between
// two polls. With slightly more polls, a few always wait and keep all connections busy. They are
// late by a part of an interval.
constexpr double keeps_busy = 1.1;

}  // namespace

void pace::leave(duration between) {
  // Rounding must not make the demand negative.
  demand_ = std::max(0.0, demand_ - per_second(between));
  --jobs_;
}

double pace::stretch_at(double demand) const {
  const auto capacity = capacity_();
  return std::max(1.0, demand / std::min(capacity.by_rate, keeps_busy * capacity.by_connections));
}

double pace::stretch_of(duration interval) const {
  return std::max(stretch(), std::chrono::duration<double>{capacity_().answer} /
                                 std::chrono::duration<double>{interval});
}

bool pace::lacks_connections() const {
  const auto capacity = capacity_();
  return capacity.by_connections < capacity.by_rate;
}

}  // namespace canaryd::daemon
