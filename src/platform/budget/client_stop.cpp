#include "canaryd/platform/budget/client_stop.hpp"

#include <algorithm>

namespace canaryd::platform {

void client_stop::ask(instant admitted_at, instant now, duration retry_after) {
  if (admitted_at >= until_)
    began_at_ = now;
  const auto wanted = now + std::min(retry_after, longest_);
  until_ = std::max(until_, std::min(wanted, began_at_ + longest_));
}

}  // namespace canaryd::platform
