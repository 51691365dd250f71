#include "canaryd/cli/event_feed.hpp"

#include <fmt/format.h>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto time_to_agree = 3s;

error ended() {
  return {.kind = fault::lost, .text = "the daemon closed the stream of events"};
}

}  // namespace

result<event_feed> event_feed::open(const std::string& socket_path, std::string_view target) {
  auto connection = unix_socket::connect(socket_path);
  if (!connection)
    return std::unexpected{connection.error()};
  event_feed made{std::move(*connection)};
  const auto until = std::chrono::steady_clock::now() + time_to_agree;
  const auto request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: canaryd\r\nUser-Agent: canaryctl/{}\r\n"
      "Accept: text/event-stream\r\n\r\n",
      target, CANARYD_VERSION);
  if (auto sent = made.connection_.send(request, until); !sent)
    return std::unexpected{sent.error()};
  while (!made.answer_.has_header()) {
    if (auto received = made.receive(until); !received)
      return std::unexpected{received.error()};
  }
  if (made.answer_.status() != 200)
    return std::unexpected{error{
        .kind = fault::refused,
        .text = fmt::format("the daemon sends no events, it answered {}", made.answer_.status()),
        .status = made.answer_.status()}};
  return made;
}

result<void> event_feed::receive(steady_time until) {
  const auto bytes = connection_.receive(until);
  if (!bytes)
    return std::unexpected{bytes.error()};
  if (bytes->empty())
    return std::unexpected{ended()};
  heard_at_ = std::chrono::steady_clock::now();
  return answer_.feed(*bytes);
}

result<std::vector<server_event>> event_feed::read() {
  // This does not wait, because the descriptor is readable.
  if (auto received = receive(std::chrono::steady_clock::now() + 1s); !received)
    return std::unexpected{received.error()};
  if (answer_.finished())
    return std::unexpected{ended()};
  return events_.feed(answer_.take_body());
}

}  // namespace canaryd::cli
