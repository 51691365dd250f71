// How long to wait before trying again (reference: "Retries"): full jitter, so that many clients
// that fail together do not come back together.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"

#include <cstdint>

namespace canaryd {

inline constexpr duration longest_backoff = std::chrono::seconds{30};

// The longest wait after `failures` failed attempts: min(cap, 1 s * 2^failures).
duration backoff_bound(std::int32_t failures, duration cap = longest_backoff);

// True if the bound is higher than after one failure fewer; that is worth a warning.
bool backoff_has_grown(std::int32_t failures, duration cap = longest_backoff);

// For tries that never end: an alarm is due when `limit` of them have failed, and again each time
// that the wait or the number of failures has doubled since.
bool is_alarm_due(std::int32_t failures, std::int32_t limit,
                  duration cap = std::chrono::seconds{30});

// Returns random * backoff_bound(), with `random` in [0, 1).
duration full_jitter(std::int32_t failures, double random, duration cap = longest_backoff);

// The longest Retry-After that is honoured (reference: "Retries"): the first where no running
// canary waits for the call, as with deploys and records, the second where one does.
inline constexpr duration longest_deferral = std::chrono::minutes{5};
inline constexpr duration longest_hold_up = std::chrono::seconds{60};

// The wait before the next attempt: full_jitter(), or the server's Retry-After where that is
// longer. A Retry-After is cut to `longest`. It lengthens a wait and never shortens one.
duration retry_wait(const error& problem, std::int32_t failures, double random,
                    duration cap = longest_backoff, duration longest = longest_deferral);

}  // namespace canaryd
