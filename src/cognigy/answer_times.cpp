#include "canaryd/cognigy/answer_times.hpp"

#include <algorithm>

namespace canaryd::cognigy {
namespace {

constexpr core::duration shortest_limit = std::chrono::seconds{1};

core::duration distance(core::duration one, core::duration other) {
  return std::max(one, other) - std::min(one, other);
}

}  // namespace

// The weights are those of RFC 6298, which has the same question to answer.
void answer_times::note(core::duration took) {
  is_known_ = true;
  if (mean_ == core::duration::zero()) {
    mean_ = took;
    deviation_ = took / 2;
    return;
  }
  deviation_ += (distance(mean_, took) - deviation_) / 4;
  mean_ += (took - mean_) / 8;
}

core::duration answer_times::longest() const {
  if (!is_known_)
    return core::duration::max();
  return std::max(shortest_limit, 2 * mean_ + 4 * deviation_);
}

}  // namespace canaryd::cognigy
