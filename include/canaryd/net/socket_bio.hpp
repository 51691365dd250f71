// OpenSSL's view of a non-blocking socket.
#pragma once

#include <openssl/types.h>

#include <cstdint>

namespace canaryd::net {

// What OpenSSL did with the socket, which its own error codes do not tell.
struct socket_io {
  int descriptor = -1;
  std::uint64_t bytes_sent = 0;
  // errno of the call that failed for good, 0 where none did.
  int problem = 0;
  // The peer has closed its side.
  bool ended = false;
};

// A BIO that reads and writes through `io`, which must outlive it. Unlike OpenSSL's own it raises
// no SIGPIPE and counts what was sent. The caller owns it. Throws std::bad_alloc.
BIO* make_socket_bio(socket_io& io);

// recv() and send() with the same book-keeping. -1 with errno EAGAIN: not now; 0 from receive:
// ended.
long receive(socket_io& io, char* space, std::size_t size);
long transmit(socket_io& io, const char* bytes, std::size_t size);

}  // namespace canaryd::net
