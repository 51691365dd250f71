// OpenSSL's view of a non-blocking socket.
#pragma once

#include <openssl/types.h>

#include <cstdint>

namespace canaryd::net {

// What OpenSSL did with the socket; its own error codes do not say.
struct socket_io {
  int descriptor = -1;
  std::uint64_t bytes_sent = 0;
  // The errno of the call that failed for good; 0 if none did.
  int problem = 0;
  // True if the peer has closed its side.
  bool ended = false;
};

// Makes a BIO that reads and writes through `io`, which must outlive it. Unlike OpenSSL's own BIO,
// it raises no SIGPIPE and counts what was sent. The caller owns it. Throws std::bad_alloc.
BIO* make_socket_bio(socket_io& io);

// recv() and send() with the same bookkeeping. They return -1 with errno EAGAIN when the socket is
// not ready; receive returns 0 when the peer has closed its side.
long receive(socket_io& io, char* space, std::size_t size);
long transmit(socket_io& io, const char* bytes, std::size_t size);

}  // namespace canaryd::net
