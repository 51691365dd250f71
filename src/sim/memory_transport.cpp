#include "canaryd/sim/memory_transport.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace canaryd::sim {
namespace {

constexpr std::size_t answer_limit = std::size_t{1} << 20U;

// Counts one request while it exists, even if its coroutine is cancelled.
class flight {
 public:
  explicit flight(std::size_t& count) : count_{count} { ++count_; }
  ~flight() { --count_; }
  flight(const flight&) = delete;
  flight& operator=(const flight&) = delete;

 private:
  std::size_t& count_;
};

std::unexpected<error> failure(canaryd::fault kind, std::string_view what, const net::url& target) {
  return failure(kind, fmt::format("{}: {}", net::loggable(target), what));
}

}  // namespace

void memory_transport::cut(duration delay) {
  is_cut_ = true;
  cut_delay_ = delay;
}

async::task<result<net::response>> memory_transport::send(net::request message) {
  const flight counted{in_flight_};
  most_in_flight_ = std::max(most_in_flight_, in_flight_);
  if (is_cut_) {
    co_await async::sleep_for(cut_delay_);
    co_return failure(canaryd::fault::unreachable, "the simulated network is cut", message.target);
  }
  const auto limit = message.timeout;
  auto result = co_await exchange(message, limit);
  if (result.on_used_connection && message.method == "GET" &&
      (!message.may_repeat || message.may_repeat())) {
    message.fresh_connection = true;
    result = co_await exchange(message, limit);
  }
  if (result.delay > limit)
    co_return failure(canaryd::fault::lost, "no answer in time", message.target);
  if (result.ended != outcome::answered || result.cut_body)
    co_return failure(canaryd::fault::lost, "the connection broke", message.target);
  ++idle_connections_;
  if (result.answer.body.size() > answer_limit)
    co_return failure(canaryd::fault::malformed, "the answer is over 1 MiB", message.target);
  co_return std::move(result.answer);
}

async::task<reply> memory_transport::exchange(const net::request& message, duration limit) {
  const bool reused = take_connection(message);
  if (message.on_sent)
    message.on_sent();
  auto result = world_.handle(message, async::clock::now(), async::clock::wall_now(), reused);
  // Even an immediate answer takes a turn of the loop, as every real one does.
  co_await async::sleep_for(std::min(result.delay, limit));
  co_return result;
}

// Returns true if the connection has carried another request before.
bool memory_transport::take_connection(const net::request& message) {
  if (message.fresh_connection || idle_connections_ == 0)
    return false;
  --idle_connections_;
  return true;
}

}  // namespace canaryd::sim
