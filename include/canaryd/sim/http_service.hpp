// The server's side of HTTP/1.1 on one connection.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/net/request_reader.hpp"
#include "canaryd/sim/reply.hpp"

#include <functional>

namespace canaryd::sim {

// Answers one request. Only the path and query of its target are set.
using request_handler = std::function<reply(const net::request&)>;

// Reads requests and writes answers, one after the other, until either side ends the connection.
// Refuses a request that is not HTTP or has over 64 KiB of header or 1 MiB of body, and then ends
// the connection. Throws system_error if the connection breaks.
async::task<> serve_http(net::plain_socket& stream, request_handler handler);
async::task<> serve_http(net::tls_socket& stream, request_handler handler);

}  // namespace canaryd::sim
