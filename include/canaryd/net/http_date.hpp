// Reads the value of Retry-After (RFC 9110, sections 10.2.3 and 5.6.7).
#pragma once

#include "canaryd/base/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace canaryd::net {

// Longer values are cut to this: no call is worth a longer wait.
inline constexpr duration max_retry_after = std::chrono::hours{24};

// Reads one of the three date formats of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT",
// "Sunday, 06-Nov-94 08:49:37 GMT" (in the century that puts it at most 50 years after `now`) and
// "Sun Nov  6 08:49:37 1994". The name of the day is not compared with the date.
std::optional<wall_time> parse_http_date(std::string_view text, wall_time now);

// How long from `now` a Retry-After value asks to wait. The value is whole seconds or a date, and
// anything else gives nothing. A date that has passed gives 0; the result is at most
// max_retry_after.
std::optional<duration> parse_retry_after(std::string_view value, wall_time now);

}  // namespace canaryd::net
