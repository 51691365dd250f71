// The server's side of HTTP/1.1 on one connection: requests in, answers out, as plain values.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/net/message.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace canaryd::net {

using plain_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, async::executor>;
using tls_socket = boost::asio::ssl::stream<plain_socket>;
// Works for Unix sockets as well as for TCP.
using local_socket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, async::executor>;

struct request_limits {
  std::uint32_t header_bytes = 64U * 1024U;
  std::uint64_t body_bytes = 1024UL * 1024UL;
};

struct received_request {
  // Only path and query of the target are set.
  request message;
  // The client wants to send another request on this connection.
  bool keep_alive = false;
};

// Why there is no request. The connection cannot be used afterwards.
struct refused_request {
  // The status of the answer to send; 0 if the client has gone or the wait was cancelled.
  int status = 0;
  std::string text;
};

// Reads the requests of one connection, one after the other. `stream` must outlive the reader. It
// refuses what is not HTTP (400), a body without Content-Length (411, chunks) or over the limit
// (413), an expectation other than 100-continue (417), a header over the limit (431), and a
// transfer coding other than chunked (501). A client that expects 100 Continue gets it. Stream is
// one of the three sockets above.
template <class Stream>
class request_reader {
 public:
  request_reader(Stream& stream, request_limits limits);

  async::task<std::expected<received_request, refused_request>> next();

  // True if the client has already sent more than the last request.
  bool has_more() const { return buffer_.size() > 0; }

 private:
  Stream& stream_;
  request_limits limits_;
  boost::beast::flat_buffer buffer_;
};

extern template class request_reader<plain_socket>;
extern template class request_reader<tls_socket>;
extern template class request_reader<local_socket>;

// The status line and the header of an answer, "HTTP/1.1 200 OK\r\n…", without the empty line at
// the end and without Content-Length.
std::string answer_head(const response& answer);

// The whole answer as it is sent, with Content-Length, and with "Connection: close" if `keep_alive`
// is false.
std::string answer_text(const response& answer, bool keep_alive);

}  // namespace canaryd::net
