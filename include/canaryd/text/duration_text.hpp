// Durations as operators write them: "250ms", "30s", "5m", "1h30m", "2d".
#pragma once

#include "canaryd/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace canaryd::text {

// The longest duration that a job file may give.
inline constexpr duration max_job_duration = std::chrono::days{30};

// The longest duration that can be read at all.
inline constexpr duration max_duration = std::chrono::days{36'500};

// Reads whole numbers with the units d, h, m, s and ms: each at most once, the largest first,
// without spaces. Returns nothing for any other text and for more than max_duration. "0s" is zero.
std::optional<duration> parse_duration(std::string_view text);

// Rounds to the millisecond. Returns nothing for a negative number and for more than max_duration.
std::optional<duration> duration_from_seconds(double seconds);

// Writes the text that parse_duration reads: "1h30m", "250ms", "0s". Anything below a millisecond
// is cut off. A negative duration gets a minus sign, which parse_duration does not read.
std::string format_duration(duration length);

}  // namespace canaryd::text
