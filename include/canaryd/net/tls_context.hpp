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

// Makes a client's context for TLS 1.2 or later. It verifies the chain against the certificates in
// `ca_file` (PEM), or against the system's trust store if that is empty. Fails with fault::system
// if the file cannot be used, and says why.
result<tls_context> make_tls_context(const std::string& ca_file);

// Keeps up to 4 sessions of one origin for resumption.
class session_cache {
 public:
  // The newest session, or nothing. A TLS 1.3 session is handed out only once, so that connections
  // cannot be linked by it (RFC 8446, appendix C.4).
  tls_session take();
  void add(tls_session session);

 private:
  std::vector<tls_session> sessions_;
};

// Makes a connection to `host`, which the peer's certificate must name (as a DNS name or an IP
// address). It offers a session from `sessions` and adds those that the peer issues; `sessions`
// must outlive it. Throws std::bad_alloc.
std::unique_ptr<SSL, free_tls> make_tls(SSL_CTX& context, const std::string& host,
                                        session_cache& sessions);

// Says in words why the last OpenSSL call failed, and empties the thread's error queue.
std::string take_tls_error();

}  // namespace canaryd::net
