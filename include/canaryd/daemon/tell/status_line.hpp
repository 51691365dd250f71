// The line of `systemctl status`: "12 canaries, 1 rolling back, 3 queued, API ok", and behind it
// what is wrong: "the state cannot be written".
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/daemon/tell/api_health.hpp"
#include "canaryd/daemon/tell/readiness.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace canaryd::daemon {

// `counts` as supervisor::counts() has them: jobs by canary::canary_state. Canaries are all but
// those that wait in a queue.
std::string status_line(const std::array<std::size_t, canary::state_count>& counts,
                        const api_health& api, const readiness& checks = {});

}  // namespace canaryd::daemon
