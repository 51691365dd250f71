// How long to wait before trying again (SPEC section 2): full jitter, so that many clients that
// fail together do not come back together.
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/core/time.hpp"

#include <cstdint>

namespace canaryd::core {

// The longest wait after `failures` failed attempts: min(cap, 1 s * 2^failures).
duration backoff_bound(std::int32_t failures, duration cap = std::chrono::seconds{30});

// The bound after so many failures is higher than before, as after the first: worth a warning.
bool backoff_has_grown(std::int32_t failures, duration cap = std::chrono::seconds{30});

// Tries that go on for ever are worth an alarm when so many have failed as may fail, and again each
// time that the wait, or their number, has doubled since.
bool is_alarm_due(std::int32_t failures, std::int32_t limit,
                  duration cap = std::chrono::seconds{30});

// random * backoff_bound(), with `random` in [0, 1).
duration full_jitter(std::int32_t failures, double random, duration cap = std::chrono::seconds{30});

// The other side's Retry-After where it gave one (at most `longest`), else full_jitter().
duration retry_wait(const error& problem, std::int32_t failures, double random,
                    duration cap = std::chrono::seconds{30},
                    duration longest = std::chrono::minutes{5});

}  // namespace canaryd::core
