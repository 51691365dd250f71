// The line of `systemctl status`: "12 canaries, 1 rolling back, 3 queued, API ok", followed by what
// is wrong, such as "the state cannot be written".
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/daemon/tell/readiness.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace canaryd::daemon {

// `counts` has the number of jobs in each canary::canary_state, from supervisor::counts(). All jobs
// that do not wait in a queue count as canaries. `api` says how the platforms do, like
// api_health::text().
std::string status_line(const std::array<std::size_t, canary::state_count>& counts,
                        std::string_view api, const readiness& checks = {});

}  // namespace canaryd::daemon
