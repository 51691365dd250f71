// Reaches a simulated API without sockets, in the program's own time, which tests may control.
#pragma once

#include "canaryd/net/transport.hpp"
#include "canaryd/sim/world.hpp"

namespace canaryd::sim {

// Keeps the contract of net::transport: an answer that does not come within request.timeout, or is
// cut, is `lost`; a body over 1 MiB is `malformed`. Connections are reused as in net/https_pool,
// unless a request asks for a fresh one. A request is processed when it is sent, and its answer
// arrives reply::delay later, so a write happens even if its sender is cancelled meanwhile.
class memory_transport final : public net::transport {
 public:
  // Requires that `played` outlives the transport.
  explicit memory_transport(world& played) : world_{played} {}

  async::task<result<net::response>> send(net::request message) override;

  // Cuts the network: every send that starts from now on fails as `unreachable` after `delay`.
  void cut(duration delay = {});
  // Repairs the network.
  void mend() { is_cut_ = false; }

  // The number of requests under way, and the most that there have been at once.
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
