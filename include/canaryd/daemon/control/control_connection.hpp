// Serves one connection of the control server: requests and answers, or a stream of events.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/daemon/control/control_server.hpp"

namespace canaryd::daemon {

// Serves until either side ends the connection or a time limit passes. Throws system_error if the
// connection breaks. All arguments must outlive it.
async::task<> serve_connection(net::local_socket& socket, const std::optional<peer>& from,
                               const control_limits& limits, const control_handler& handler,
                               connection_state& state);

}  // namespace canaryd::daemon
