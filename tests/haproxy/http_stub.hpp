// A small HTTP server on loopback, on a thread of its own.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/sim/certificate.hpp"
#include "canaryd/sim/http_service.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <optional>
#include <thread>

namespace canaryd::platform {

class http_stub {
 public:
  // Listens at a free port, or at `port`, with TLS if there is an identity. `answer` is called on
  // the stub's thread.
  http_stub(sim::request_handler answer, const sim::certificates* identity, std::uint16_t port = 0);
  // Closes all connections.
  ~http_stub();
  http_stub(const http_stub&) = delete;
  http_stub& operator=(const http_stub&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  async::task<> accept_all();
  async::task<> serve(net::plain_socket peer);

  sim::request_handler answer_;
  boost::asio::io_context context_{1};
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, async::executor> acceptor_{
      context_.get_executor()};
  std::optional<boost::asio::ssl::context> tls_;
  std::uint16_t port_ = 0;
  async::task_group tasks_{context_.get_executor()};
  std::thread thread_;
};

// A port that was free a moment ago, and that the system does not give to anybody who connects: it
// can be listened at, given up, and listened at again.
std::uint16_t free_port();

}  // namespace canaryd::platform
