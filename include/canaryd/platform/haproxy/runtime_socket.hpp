// Asks a running HAProxy over its runtime API, which is also called the stats socket.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"

#include <cstddef>
#include <string>

namespace canaryd::platform {

inline constexpr std::size_t longest_runtime_answer_bytes = std::size_t{1} << 20U;

// Sends one line of commands to the socket at `path` and reads until HAProxy closes, on a
// connection of its own. It has until `until`; where the loop is late, a moment longer
// (net/deadline.hpp). `unreachable`: nobody listens there, or takes the connection in time; nothing
// was sent. `lost`: the answer did not end in time, or the connection broke. `malformed`: the
// answer is too long.
async::task<result<std::string>> ask_runtime(std::string path, std::string commands, instant until);

}  // namespace canaryd::platform
