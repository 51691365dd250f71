#include "canaryd/daemon/tell/api_health.hpp"

#include "canaryd/text/wall_text.hpp"

namespace canaryd::daemon {
namespace {

bool is_failure(int status) {
  switch (status) {
    case 0:
    case 401:
    case 403:
    case 408:
    case 425:
    case 429:
      return true;
    default:
      return status >= 500;
  }
}

}  // namespace

void api_health::note(int status, wall_time now) {
  if (!is_failure(status)) {
    state_ = state::ok;
    return;
  }
  if (state_ != state::failing)
    since_ = now;
  state_ = state::failing;
}

std::string api_health::text() const {
  switch (state_) {
    case state::unknown:
      return "API not asked yet";
    case state::ok:
      return "API ok";
    case state::failing:
      return "API failing since " + text::format_wall_time(since_);
  }
  return {};
}

}  // namespace canaryd::daemon
