// The way to a simulated API without sockets: in the program's own time, which tests may own.
#pragma once

#include "canaryd/net/transport.hpp"
#include "canaryd/sim/world.hpp"

namespace canaryd::sim {

// Keeps transport's contract: an answer that does not come within request.timeout, or comes cut, is
// `lost`, a body over 1 MiB is `malformed`. Connections are used again as net/https_pool does,
// unless a request asks for a fresh one. A request is processed when it is sent, and the answer
// arrives reply::delay later, so that a sender cancelled meanwhile leaves a write behind that
// happened.
class memory_transport final : public net::transport {
 public:
  // Requires that `played` outlives the transport.
  explicit memory_transport(world& played) : world_{played} {}

  async::task<result<net::response>> send(net::request message) override;

  // Takes the network away: every send that starts from now on fails as `unreachable`, after
  // `delay`.
  void cut(duration delay = {});
  // Brings it back.
  void mend() { is_cut_ = false; }

  // Requests under way now, and the most there have ever been.
  std::size_t in_flight() const { return in_flight_; }
  std::size_t most_in_flight() const { return most_in_flight_; }

 private:
  async::task<reply> exchange(const net::request& message, duration limit);
  bool take_connection(const net::request& message);

  world& world_;
  std::size_t idle_connections_ = 0;
  bool is_cut_ = false;
  duration cut_delay_{};
  std::size_t in_flight_ = 0;
  std::size_t most_in_flight_ = 0;
};

}  // namespace canaryd::sim
