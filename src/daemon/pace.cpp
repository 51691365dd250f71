#include "canaryd/daemon/pace.hpp"

#include <algorithm>

namespace canaryd::daemon {

void pace::leave(core::duration interval) {
  // Rounding must not leave a demand behind that nobody has.
  demand_ = std::max(0.0, demand_ - per_second(interval));
}

double pace::stretch_at(double demand) const {
  return std::max(1.0, demand / capacity_());
}

}  // namespace canaryd::daemon
