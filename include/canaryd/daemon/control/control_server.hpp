// The daemon's sockets: the control socket for operators and, if configured, a TCP port for
// monitoring (reference: "Control API"). Requests are limited in size, number and time.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/control/control_answer.hpp"
#include "canaryd/daemon/control/peer.hpp"
#include "canaryd/daemon/tell/readiness.hpp"
#include "canaryd/net/request_reader.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct control_limits {
  net::request_limits request{.header_bytes = 16U * 1024U, .body_bytes = 256UL * 1024UL};
  // The limit for each socket. Beyond it, the connection whose client has made no progress for
  // longest is closed, so that clients who are silent or do not read cannot lock others out. If
  // every client waits for the server, the new connection is closed instead.
  std::size_t max_connections = 64;
  // The time from the first byte of a request to its last one.
  duration request_time = std::chrono::seconds{10};
  // The time without a request.
  duration idle_time = std::chrono::seconds{30};
  // The time that a client has to take part of an answer or of an event.
  duration answer_time = std::chrono::seconds{30};
  duration heartbeat = std::chrono::seconds{15};
  // The time between attempts to open a TCP port that could not be opened at first.
  duration port_retry = std::chrono::seconds{5};
  // The time between checks that the socket file is still there.
  duration socket_check = std::chrono::seconds{5};
};

struct control_addresses {
  std::string socket;
  std::optional<listen_address> http;
};

// Answers one request. The client is known only on the Unix socket.
using control_handler =
    std::function<async::task<control_answer>(net::request asked, std::optional<peer> from)>;

struct connection_state {
  // The time since which the client has neither sent its request nor read its answer; max while it
  // is the server's turn.
  instant waits_since = instant::max();
};

class control_server {
 public:
  // Listens, but serves nobody before run(). Replaces a socket file that a dead daemon left, gives
  // the new one mode 0660, and makes a missing folder with mode 0750. Fails with fault::system if
  // somebody else listens there or the socket cannot be made; the text says why. A TCP port that
  // cannot be opened is no error: run() logs that and tries again until it is open.
  static result<std::unique_ptr<control_server>> listen(async::executor ex, control_addresses where,
                                                        control_limits limits = {});
  // Removes the socket file if it still belongs to this server.
  ~control_server();
  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;

  // Serves until it is cancelled, and ends when all connections have ended. Makes the socket file
  // again if somebody removes it.
  async::task<> run(control_handler handler);

  // The path of the socket, and "address:port" of the port once it is open.
  listening_addresses listening() const;
  std::size_t connections() const { return local_visits_.size() + http_visits_.size(); }

 private:
  using local_acceptor =
      boost::asio::basic_socket_acceptor<boost::asio::local::stream_protocol, async::executor>;
  using http_acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, async::executor>;

  // One connection.
  struct visit {
    async::task_group::handle task{};
    connection_state state;
  };
  using visit_list = std::list<visit>;
  struct departure;

  control_server(async::executor ex, control_addresses where, control_limits limits);
  result<void> open_local();
  result<void> open_http();
  async::task<> keep_local();
  bool is_local_in_place() const;
  async::task<> accept_local();
  async::task<> accept_http();
  async::task<> open_http_at_last();
  std::optional<peer> known_peer(net::local_socket& socket);
  void admit(net::local_socket socket, std::optional<peer> from, visit_list& visits);
  async::task<> serve(net::local_socket socket, std::optional<peer> from, visit_list& visits,
                      visit_list::iterator self);

  control_addresses where_;
  // Why the port is not open; empty if it is open or none is configured.
  std::string http_trouble_;
  control_limits limits_;
  local_acceptor local_;
  http_acceptor http_;
  // Identify the socket file.
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  visit_list local_visits_;
  visit_list http_visits_;
  user_names names_;
  control_handler handler_;
  async::task_group tasks_;
};

}  // namespace canaryd::daemon
