#include "canaryd/cognigy/client_stop.hpp"

#include <algorithm>

namespace canaryd::cognigy {

void client_stop::ask(core::instant admitted_at, core::instant now, core::duration retry_after) {
  if (admitted_at >= until_)
    began_at_ = now;
  const auto wanted = now + std::min(retry_after, longest_);
  until_ = std::max(until_, std::min(wanted, began_at_ + longest_));
}

}  // namespace canaryd::cognigy
