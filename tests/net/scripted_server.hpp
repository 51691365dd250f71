// A server on loopback that does what a test's script says, right or wrong.
#pragma once

#include "canaryd/sim/certificate.hpp"

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace canaryd::net {

// One accepted connection, as its script sees it: blocking, on its own thread. No call blocks for
// more than 5 s or after the end of the server.
class peer {
 public:
  explicit peer(int descriptor) : descriptor_{descriptor} {}
  ~peer();
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  // Returns false if the handshake failed.
  bool start_tls(SSL_CTX& context);
  // Returns header and body as received; empty if the client is gone.
  std::string read_request();
  void send(std::string_view bytes);
  // Returns when the client has closed its side.
  void wait_for_close();
  // Closes without a TLS close, so that the answer looks truncated.
  void cut();
  // Closes properly. The descriptor stays open, so that interrupt() never hits another connection.
  void finish();
  // Closes with a reset.
  void reset();
  bool is_resumed() const { return SSL_session_reused(tls_) == 1; }
  // Wakes a blocked call. Called from another thread.
  void interrupt() const;

 private:
  long read_some(char* space, std::size_t size);

  int descriptor_;
  SSL* tls_ = nullptr;
};

using script = std::function<void(peer&)>;

struct server_options {
  bool tls = true;
  sim::certificates identity;
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
};

class scripted_server {
 public:
  // The first connection runs the first script, and so on; later ones are closed at once. With TLS
  // a script begins after the handshake, and does not run if that fails.
  scripted_server(const server_options& options, std::vector<script> scripts);
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  bool is_tls() const { return tls_; }
  SSL_CTX* context() const { return context_.get(); }

 private:
  struct guest {
    explicit guest(int descriptor) : side{descriptor} {}
    peer side;
    std::thread thread;
  };
  void accept_all(const std::vector<script>& scripts);

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  bool tls_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<int> connections_{0};
  std::list<guest> guests_;
  std::thread acceptor_;
};

// Writes an answer with a Content-Length.
std::string answer(int status, std::string_view body, std::string_view more_headers = "");

// Answers every request with the same bytes until the client leaves.
script answer_all(std::string bytes);

}  // namespace canaryd::net
