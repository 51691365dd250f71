// The value of Retry-After (RFC 9110, sections 10.2.3 and 5.6.7).
#pragma once

#include "canaryd/base/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace canaryd::net {

// No answer of ours is worth waiting for longer; longer values are cut to this.
inline constexpr duration max_retry_after = std::chrono::hours{24};

// Reads one of the three date formats of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT",
// "Sunday, 06-Nov-94 08:49:37 GMT" (the century is the one that puts it at most 50 years after
// `now`) and "Sun Nov  6 08:49:37 1994". The name of the day is not compared with the date.
std::optional<wall_time> parse_http_date(std::string_view text, wall_time now);

// How long from `now` a Retry-After value asks to wait: whole seconds, or a date. A date that has
// passed is 0; anything over max_retry_after is max_retry_after; what is neither is nothing.
std::optional<duration> parse_retry_after(std::string_view value, wall_time now);

}  // namespace canaryd::net
