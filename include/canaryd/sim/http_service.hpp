// The server's side of HTTP/1.1 on one connection.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/net/message.hpp"
#include "canaryd/sim/reply.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <functional>

namespace canaryd::sim {

using plain_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, async::executor>;
using tls_socket = boost::asio::ssl::stream<plain_socket>;

// Answers one request; only the path and query of its target are set.
using request_handler = std::function<reply(const net::request&)>;

// Reads requests and writes answers, one after the other, until either side ends the connection. A
// request that is not HTTP, or has over 64 KiB of header or 1 MiB of body, is refused and ends it.
// Throws system_error where the connection breaks.
async::task<> serve_http(plain_socket& stream, request_handler handler);
async::task<> serve_http(tls_socket& stream, request_handler handler);

}  // namespace canaryd::sim
