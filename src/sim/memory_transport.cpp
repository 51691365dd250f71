#include "canaryd/sim/memory_transport.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace canaryd::sim {
namespace {

constexpr std::size_t body_limit = std::size_t{1} << 20U;

// Counts one request for as long as it lives, also when its coroutine is cancelled.
class flight {
 public:
  explicit flight(std::size_t& count) : count_{count} { ++count_; }
  ~flight() { --count_; }
  flight(const flight&) = delete;
  flight& operator=(const flight&) = delete;

 private:
  std::size_t& count_;
};

std::unexpected<core::error> failure(core::fault kind, std::string_view what,
                                     const net::url& target) {
  return std::unexpected{
      core::error{.kind = kind, .text = fmt::format("{}: {}", net::loggable(target), what)}};
}

}  // namespace

void memory_transport::cut(core::duration delay) {
  is_cut_ = true;
  cut_delay_ = delay;
}

async::task<core::result<net::response>> memory_transport::send(net::request message) {
  const flight counted{in_flight_};
  most_in_flight_ = std::max(most_in_flight_, in_flight_);
  if (is_cut_) {
    co_await async::sleep_for(cut_delay_);
    co_return failure(core::fault::unreachable, "the simulated network is cut", message.target);
  }
  if (message.on_sent)
    message.on_sent();
  const auto limit = message.timeout;
  auto result = world_.handle(message, async::clock::now(), async::clock::wall_now());
  // Even an answer at once takes a turn of the loop, as every real one does.
  co_await async::sleep_for(std::min(result.delay, limit));
  if (result.delay > limit)
    co_return failure(core::fault::lost, "no answer in time", message.target);
  if (result.fate != outcome::answered || result.cut_body)
    co_return failure(core::fault::lost, "the connection broke", message.target);
  if (result.answer.body.size() > body_limit)
    co_return failure(core::fault::malformed, "the answer is over 1 MiB", message.target);
  co_return std::move(result.answer);
}

}  // namespace canaryd::sim
