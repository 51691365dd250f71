// What HAProxy answers to `show info`: a line for each fact. Pure; written after HAProxy 2.6.
#pragma once

#include "canaryd/base/error.hpp"

#include <string>
#include <string_view>

namespace canaryd::platform {

// Names the process and its start, so that two answers tell whether HAProxy was started anew in
// between. `lost`: the answer is cut off. `malformed`: the answer does not say it.
result<std::string> read_start(std::string_view answer);

}  // namespace canaryd::platform
