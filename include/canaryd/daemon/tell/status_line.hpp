// The line of `systemctl status`: "12 canaries, 1 rolling back, 3 queued, API ok", followed by what
// is wrong, such as "the state cannot be written".
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/daemon/tell/api_health.hpp"
#include "canaryd/daemon/tell/readiness.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace canaryd::daemon {

// `counts` has the number of jobs in each canary::canary_state, from supervisor::counts(). All jobs
// that do not wait in a queue count as canaries.
std::string status_line(const std::array<std::size_t, canary::state_count>& counts,
                        const api_health& api, const readiness& checks = {});

}  // namespace canaryd::daemon
