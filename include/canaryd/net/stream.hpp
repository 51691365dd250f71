// The bytes of one connection, over plain TCP or over TLS.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/net/socket_bio.hpp"
#include "canaryd/net/tls_context.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace canaryd::net {

enum class stream_fault : std::uint8_t {
  timed_out,  // expire() was called
  closed,     // the peer has gone: end of stream where none may be, reset, broken pipe
  failed,     // anything else; the text says what
};

struct stream_error {
  stream_fault kind = stream_fault::failed;
  // The reason in words: "connection refused", "certificate has expired".
  std::string text;
};

template <class T>
using stream_result = std::expected<T, stream_error>;

// OpenSSL works on the socket itself, and Asio only says when the socket is ready. That saves
// copies between buffers and needs one system call for each small message. One task uses a stream
// at a time. A cancelled operation throws operation_aborted; after that, and after an error, the
// stream can only be destroyed. Destroying it closes the socket, and first tells a TLS peer if that
// needs no waiting.
class stream {
 public:
  explicit stream(const async::executor& ex);
  ~stream();
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  async::task<stream_result<void>> connect(boost::asio::ip::tcp::endpoint peer);
  // Does the TLS handshake and verifies the peer's certificate for `host`. `sessions` is shared
  // with the other connections to the same origin.
  async::task<stream_result<void>> start_tls(SSL_CTX& context, std::string host,
                                             std::shared_ptr<session_cache> sessions);

  // Writes all of `bytes`.
  async::task<stream_result<void>> write(std::string_view bytes);
  // Reads at least one byte. Returns 0 when the peer has closed properly (with TLS: announced it).
  async::task<stream_result<std::size_t>> read_some(std::span<char> space);

  // True while the peer has sent nothing and has not closed, so that an idle connection can be used
  // again.
  bool is_quiet();

  // Ends the current operation and all later ones with stream_fault::timed_out.
  void expire();

  // The number of bytes that went to the kernel, including what TLS adds.
  std::uint64_t bytes_sent() const { return io_.bytes_sent; }
  // True if the handshake resumed an earlier session.
  bool is_resumed() const;

 private:
  enum class need : std::uint8_t { nothing, readable, writable };
  struct progress {
    need next = need::nothing;
    std::size_t count = 0;
  };
  using step = stream_result<progress>;

  step shake_hands();
  step try_write(std::string_view bytes);
  step try_read(std::span<char> space);
  step outcome_of_tls(int returned);
  stream_error socket_problem() const;
  stream_error tls_problem();
  bool has_buffered() const;
  async::task<stream_result<void>> wait(need what);

  boost::asio::basic_stream_socket<boost::asio::ip::tcp, async::executor> socket_;
  socket_io io_;
  std::shared_ptr<session_cache> sessions_;
  std::unique_ptr<SSL, free_tls> tls_;
  bool expired_ = false;
  bool broken_ = false;
};

}  // namespace canaryd::net
