// The transport over real sockets: HTTP/1.1 over TLS, with connections that are kept and reused.
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
  // A PEM file of the trusted authorities. Empty means the system's trust store.
  std::string ca_file{};
  // Empty, or the "http://host:port" that https targets are reached through by CONNECT.
  std::string proxy{};
  // The limit for name look-up, TCP, proxy and TLS handshake together.
  duration connect_timeout = std::chrono::seconds{5};
  // The number of idle connections that are kept for one origin (scheme, host, port).
  std::size_t max_idle = 34;
  // The largest body of an answer.
  std::size_t body_limit_bytes = 1024UL * 1024;
};

struct https_state;

// Options that have been checked and prepared, so that adopt() cannot fail.
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

// Fails with fault::system if the CA file cannot be used, and with fault::refused if the proxy is
// not an http URL.
result<prepared_https> prepare_https(https_options options);

// The pool does not limit how many requests run at once: a request that finds no idle connection
// gets a new one. It speaks TLS 1.2 or later, verifies the host by name or address, and resumes
// sessions. Plain http goes to loopback only. Redirects are returned as answers, not followed.
//
// An idle connection is checked before it is used. It is dropped if the peer has closed it or if it
// was idle for over a minute. The peer may still close it before an answer begins. Then a GET or
// HEAD is sent once more over a fresh connection (see request::may_repeat), and so is a write if
// none of its bytes went out; any other write fails with fault::lost. If no answer comes on a
// reused connection within the request's timeout, the connections that were already idle when the
// request was sent are closed.
//
// Idle connections do not keep the loop running. All sends must have ended before the pool is
// destroyed.
class https_pool final : public transport {
 public:
  https_pool(const async::executor& ex, prepared_https settings);
  ~https_pool() override;
  https_pool(https_pool&&) noexcept;
  https_pool& operator=(https_pool&&) noexcept;

  async::task<result<response>> send(request message) override;

  // New connections follow `settings`. Requests under way keep their old settings, and idle
  // connections are closed.
  void adopt(prepared_https settings);
  // Prepares and adopts `options`. Fails as prepare_https() does, and then changes nothing.
  result<void> reconfigure(https_options options);

  // Closes the idle connections.
  void close_idle();

  std::size_t idle_connections() const;

 private:
  async::executor executor_;
  std::unique_ptr<resolver> names_;
  // adopt() replaces it as a whole; a send keeps the one that it began with.
  std::shared_ptr<https_state> state_;
};

// Fails as prepare_https() does.
result<https_pool> make_https_pool(const async::executor& ex, https_options options);

}  // namespace canaryd::net
