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

// The bound after so many failures is higher than before; that is worth a warning.
bool backoff_has_grown(std::int32_t failures, duration cap = longest_backoff);

// Tries that go on for ever are worth an alarm when so many have failed as may fail, and again each
// time that the wait, or their number, has doubled since.
bool is_alarm_due(std::int32_t failures, std::int32_t limit,
                  duration cap = std::chrono::seconds{30});

// random * backoff_bound(), with `random` in [0, 1).
duration full_jitter(std::int32_t failures, double random, duration cap = longest_backoff);

// How long a Retry-After is believed at most (reference: "Retries"): where nobody's canary depends
// on it, as with deploys and records, and where one does.
inline constexpr duration longest_deferral = std::chrono::minutes{5};
inline constexpr duration longest_hold_up = std::chrono::seconds{60};

// The wait before the next attempt: full_jitter(), and not less than the other side's Retry-After,
// of which at most `longest` is believed. Retry-After lengthens a wait and never shortens one.
duration retry_wait(const error& problem, std::int32_t failures, double random,
                    duration cap = longest_backoff, duration longest = longest_deferral);

}  // namespace canaryd
