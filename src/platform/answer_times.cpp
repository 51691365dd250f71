#include "canaryd/platform/answer_times.hpp"

#include <algorithm>

namespace canaryd::platform {
namespace {

constexpr duration shortest_limit = std::chrono::seconds{1};

duration distance(duration one, duration other) {
  return std::max(one, other) - std::min(one, other);
}

}  // namespace

// The weights are those of RFC 6298, which solves the same problem for TCP.
void answer_times::note(duration took) {
  is_known_ = true;
  if (mean_ == duration::zero()) {
    mean_ = took;
    deviation_ = took / 2;
    return;
  }
  deviation_ += (distance(mean_, took) - deviation_) / 4;
  mean_ += (took - mean_) / 8;
}

duration answer_times::longest() const {
  if (!is_known_)
    return duration::max();
  return std::max(shortest_limit, 2 * mean_ + 4 * deviation_);
}

}  // namespace canaryd::platform
