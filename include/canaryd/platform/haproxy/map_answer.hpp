// What HAProxy answers to the commands about maps. Pure; written after HAProxy 2.6.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/platform/splitter.hpp"

#include <string_view>

namespace canaryd::platform {

// Reads the answer to `get map <file> <key>`. `refused`: there is no such key or no such map, or
// HAProxy does not allow the command. `lost`: the answer is cut off. `malformed`: the value is no
// share from 0 to 10,000, or the answer is another one.
result<basis_points> read_map_value(std::string_view answer, std::string_view key);

// Reads the answer to `set map <file> <key> <value>`. Success says little: HAProxy says yes to
// values that it does not take as well. The errors are those of read_map_value().
result<void> read_map_change(std::string_view answer);

}  // namespace canaryd::platform
