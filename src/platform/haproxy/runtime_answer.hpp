// What all answers of HAProxy's runtime socket have in common. Pure.
#pragma once

#include "canaryd/base/error.hpp"

#include <string_view>

namespace canaryd::platform {

// Fails with `lost` if the answer is cut off: each whole one ends with an empty line.
result<void> check_is_whole(std::string_view answer);

// The error for an answer that is not the one asked for: `refused` where HAProxy says that what was
// named does not exist or is not allowed, else `malformed`.
std::unexpected<error> unexpected_answer(std::string_view answer);

// Takes the first line from `text`, without its line feed.
std::string_view take_line(std::string_view& text);

}  // namespace canaryd::platform
