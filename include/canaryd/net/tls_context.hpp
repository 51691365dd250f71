// What all TLS connections of one configuration share: trust, protocol versions, known sessions.
#pragma once

#include "canaryd/base/error.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace canaryd::net {

struct free_tls {
  void operator()(SSL_CTX* context) const;
  void operator()(SSL* connection) const;
  void operator()(SSL_SESSION* session) const;
};
using tls_context = std::unique_ptr<SSL_CTX, free_tls>;
using tls_session = std::unique_ptr<SSL_SESSION, free_tls>;

// A client's context: TLS 1.2 or later, chain verified against the certificates of `ca_file` (PEM),
// or the system's trust store where that is empty. fault::system: the file cannot be used, and why.
result<tls_context> make_tls_context(const std::string& ca_file);

// The sessions of one origin, at most 4, for resumption.
class session_cache {
 public:
  // The newest one, or nothing. One of TLS 1.3 is handed out once, so that connections cannot be
  // linked by it (RFC 8446, appendix C.4).
  tls_session take();
  void add(tls_session session);

 private:
  std::vector<tls_session> sessions_;
};

// A connection to `host`, which its certificate must name (as a DNS name or an IP address). Offers
// a session of `sessions`, and adds to it those that the peer issues; `sessions` must outlive it.
// Throws std::bad_alloc.
std::unique_ptr<SSL, free_tls> make_tls(SSL_CTX& context, const std::string& host,
                                        session_cache& sessions);

// Why the last OpenSSL call failed, in words, from the thread's error queue, which is emptied.
std::string take_tls_error();

}  // namespace canaryd::net
