// Timestamps in the format of RFC 3339, in UTC.
#pragma once

#include "canaryd/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace canaryd::text {

// Writes "2026-03-01T09:30:00.250Z", always with milliseconds. Requires a year from 0 to 9999.
std::string format_wall_time(wall_time time);

// Reads what format_wall_time() writes, with 0 to 9 decimals of the seconds (cut off after the
// milliseconds). Returns nothing for any other text, for days and hours that do not exist, for leap
// seconds and for offsets other than "Z".
std::optional<wall_time> parse_wall_time(std::string_view text);

}  // namespace canaryd::text
