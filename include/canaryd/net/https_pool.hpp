// The transport over real sockets: HTTP/1.1 over TLS, connections kept and reused.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/net/resolver.hpp"
#include "canaryd/net/transport.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace canaryd::net {

struct https_options {
  // PEM file of the authorities that are trusted; empty: the system's trust store.
  std::string ca_file{};
  // Empty, or "http://host:port": https goes through it by CONNECT.
  std::string proxy{};
  // Name, TCP, proxy and TLS handshake together.
  duration connect_timeout = std::chrono::seconds{5};
  // Idle connections kept for one origin (scheme, host, port).
  std::size_t max_idle = 34;
  // Of an answer.
  std::size_t body_limit_bytes = 1024UL * 1024;
};

struct https_state;

// Options that were checked and made ready: putting them in force cannot fail.
class prepared_https {
 public:
  prepared_https(prepared_https&&) noexcept = default;
  prepared_https& operator=(prepared_https&&) noexcept = default;

 private:
  friend class https_pool;
  friend result<prepared_https> prepare_https(https_options options);
  explicit prepared_https(std::shared_ptr<https_state> made) : made_{std::move(made)} {}

  std::shared_ptr<https_state> made_;
};

// fault::system: the CA file cannot be used. fault::refused: the proxy is not an http URL.
result<prepared_https> prepare_https(https_options options);

// How many requests are under way is its callers' business; it opens a connection for each that
// finds no idle one. TLS 1.2 or later, the host verified by name or address; sessions are resumed.
// Plain http goes to loopback only. Redirects are answers, and are not followed.
//
// An idle connection is looked at before it is used, and dropped where the peer has closed it or it
// was idle for over a minute. Where the peer closes it nevertheless before an answer begins, a GET
// or HEAD is sent once more over a fresh connection (request::may_repeat), and so is a write of
// which not one byte went out; any other write is fault::lost. Where no answer comes on it within
// the request's timeout, the connections that were idle meanwhile are closed.
//
// Idle connections hold no work of the loop. All sends must have ended before the pool is
// destroyed.
class https_pool final : public transport {
 public:
  https_pool(const async::executor& ex, prepared_https settings);
  ~https_pool() override;
  https_pool(https_pool&&) noexcept;
  https_pool& operator=(https_pool&&) noexcept;

  async::task<result<response>> send(request message) override;

  // Connections opened from now on follow `settings`; requests under way end as they began, and
  // idle connections are closed.
  void adopt(prepared_https settings);
  // Prepares and adopts. On an error (as of prepare_https) nothing changes.
  result<void> reconfigure(https_options options);

  // Closes the idle connections.
  void close_idle();

  std::size_t idle_connections() const;

 private:
  async::executor executor_;
  std::unique_ptr<resolver> names_;
  // Replaced as a whole by adopt(); a send keeps the one it began with.
  std::shared_ptr<https_state> state_;
};

// Errors as of prepare_https.
result<https_pool> make_https_pool(const async::executor& ex, https_options options);

}  // namespace canaryd::net
