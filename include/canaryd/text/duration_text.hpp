// Durations as operators write them: "250ms", "30s", "5m", "1h30m", "2d".
#pragma once

#include "canaryd/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace canaryd::text {

// The longest duration of a job file.
inline constexpr duration max_job_duration = std::chrono::days{30};

// The longest duration that is read at all.
inline constexpr duration max_duration = std::chrono::days{36'500};

// Reads whole numbers with the units d, h, m, s and ms: each at most once, the largest first,
// without spaces. Nothing for any other text, and for more than max_duration. "0s" is zero.
std::optional<duration> parse_duration(std::string_view text);

// Seconds, rounded to the millisecond. Nothing for negative numbers and for more than max_duration.
std::optional<duration> duration_from_seconds(double seconds);

// The text that parse_duration reads back, whole milliseconds: "1h30m", "250ms"; zero is "0s".
// Anything below a millisecond is cut off; a negative duration has a minus sign in front.
std::string format_duration(duration length);

}  // namespace canaryd::text
