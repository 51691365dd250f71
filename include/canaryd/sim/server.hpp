// The simulated API over real sockets: HTTP/1.1 with keep-alive, over TLS or plain, in real time.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/async/task_group.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/sim/http_service.hpp"
#include "canaryd/sim/world.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace canaryd::sim {

struct server_options {
  // Both are PEM texts; the certificate includes its chain. If both are empty, the server uses
  // plain http.
  std::string certificate{};
  std::string private_key{};
  // Further connections are closed at once.
  std::size_t max_connections = 10'000;
  // A connection is closed if no request comes for this long.
  duration idle_limit = std::chrono::minutes{2};
  // Called after every request to the API or the console, before its answer is sent.
  std::function<void(const net::request&, const reply&)> on_reply{};
};

// Accepts at most 64 KiB of header and 1 MiB of body. A lost answer breaks its connection, or
// leaves it silent until the client gives up (reply::delay).
class server {
 public:
  // Fails with fault::system if the certificate or key cannot be used, or if address and port
  // cannot be bound; the text says which and why. Port 0 takes a free one. `played` must outlive
  // the server.
  static result<std::unique_ptr<server>> listen(async::executor ex, world& played,
                                                const std::string& address, std::uint16_t port,
                                                server_options options);

  std::uint16_t port() const { return port_; }

  // Accepts and serves until stop(), or until the task is cancelled; either way it ends only when
  // every connection has ended.
  async::task<> run();
  void stop();

  std::size_t connections() const { return visits_.size(); }

 private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, async::executor>;
  // One connection.
  struct visit {
    async::task_group::handle task{};
    // When its newest request will have been answered.
    instant busy_until;
  };
  using visit_list = std::list<visit>;
  struct departure;

  server(async::executor ex, world& played, server_options options);
  result<void> open(const std::string& address, std::uint16_t port);
  result<void> use_tls();
  async::task<> accept_all();
  async::task<> end_idle_ones();
  async::task<> serve(net::plain_socket peer, visit_list::iterator self);
  reply play(const net::request& message, bool reused);

  world& world_;
  server_options options_;
  std::optional<boost::asio::ssl::context> tls_;
  acceptor acceptor_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
  visit_list visits_;
  async::task_group tasks_;
};

}  // namespace canaryd::sim
