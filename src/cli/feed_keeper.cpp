#include "canaryd/cli/feed_keeper.hpp"

#include <array>
#include <poll.h>
#include <utility>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_silence = 45s;
constexpr auto between_tries = 1s;

}  // namespace

result<void> feed_keeper::connect() {
  auto opened = event_feed::open(path_, target_);
  if (!opened) {
    disconnect();
    return std::unexpected{opened.error()};
  }
  feed_ = std::move(*opened);
  return {};
}

void feed_keeper::disconnect() {
  feed_.reset();
  next_try_ = std::chrono::steady_clock::now() + between_tries;
}

bool feed_keeper::may_connect() const {
  return !connected() && std::chrono::steady_clock::now() >= next_try_;
}

happening feed_keeper::wait(std::chrono::milliseconds at_most) {
  // poll(2) passes over the descriptor -1.
  std::array<pollfd, 2> waiting{
      {{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
       {.fd = feed_ ? feed_->descriptor() : -1, .events = POLLIN, .revents = 0}}};
  happening seen;
  const int ready = poll(waiting.data(), waiting.size(), static_cast<int>(at_most.count()));
  if (ready > 0 && waiting[0].revents != 0)
    seen.signal = signals_.next();
  if (ready > 0 && waiting[1].revents != 0)
    take_events(seen.events);
  if (feed_ && std::chrono::steady_clock::now() - feed_->heard_at() > longest_silence)
    disconnect();
  return seen;
}

void feed_keeper::take_events(std::vector<server_event>& events) {
  auto read = feed_->read();
  if (read)
    events = std::move(*read);
  else
    disconnect();
}

}  // namespace canaryd::cli
