// Says whether the API works, judging by its last answer.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstdint>
#include <string>

namespace canaryd::daemon {

class api_health {
 public:
  // `status` is the HTTP status of an answer, or 0 if none came. The API counts as failing after no
  // answer, 401, 403, 408, 425, 429 and 5xx. Other refusals are the fault of the request.
  void note(int status, wall_time now);

  // Returns "API not asked yet", "API ok" or "API failing since 2026-03-01T09:14:02.117Z".
  std::string text() const;

 private:
  enum class state : std::uint8_t { unknown, ok, failing };
  state state_ = state::unknown;
  wall_time since_{};
};

}  // namespace canaryd::daemon
