#include "canaryd/daemon/control/control_connection.hpp"

#include "canaryd/net/deadline.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>

#include <array>
#include <utility>

namespace canaryd::daemon {
namespace {

using boost::system::error_code;
using net::local_socket;

// How much of a refused request is still read, so that the client gets the answer instead of a
// broken pipe.
constexpr std::size_t most_drained = 1024UL * 1024UL;
constexpr std::chrono::seconds drain_time{1};

void end_waits(local_socket& socket) {
  error_code ignored;
  socket.cancel(ignored);
}

// Ends the socket's waits after `time`.
net::deadline limit(local_socket& socket, duration time) {
  return net::deadline{socket.get_executor(), async::clock::now() + time,
                       [&socket] { end_waits(socket); }};
}

// Returns false if no request comes in time.
async::task<bool> wait_for_request(local_socket& socket, duration time) {
  const auto idle = limit(socket, time);
  error_code problem;
  co_await socket.async_wait(local_socket::wait_read,
                             boost::asio::redirect_error(async::use_task, problem));
  co_return !problem;
}

// A connection, with the state that says whether it waits for its client.
struct client {
  local_socket& socket;
  const control_limits& limits;
  connection_state& state;
};

// Each part of the answer that the client takes counts as progress.
async::task<> write(client& to, std::string_view bytes) {
  const auto end = limit(to.socket, to.limits.answer_time);
  while (!bytes.empty()) {
    to.state.waits_since = async::clock::now();
    bytes.remove_prefix(
        co_await to.socket.async_write_some(boost::asio::buffer(bytes), async::use_task));
  }
}

async::task<> drain(local_socket& socket) {
  const auto end = limit(socket, drain_time);
  error_code problem;
  socket.shutdown(local_socket::shutdown_send, problem);
  std::array<char, 4096> space{};
  for (std::size_t drained = 0; !problem && drained < most_drained;)
    drained += co_await socket.async_read_some(
        boost::asio::buffer(space), boost::asio::redirect_error(async::use_task, problem));
}

// Listeners send nothing useful: what they send is dropped, and its end ends the stream.
async::task<> watch_for_end(local_socket& socket, subscription& events) {
  std::array<char, 512> space{};
  for (error_code problem; !problem;)
    co_await socket.async_read_some(boost::asio::buffer(space),
                                    boost::asio::redirect_error(async::use_task, problem));
  events.close();
}

async::task<> write_events(client& to, std::string head, subscription& events) {
  co_await write(to, head);
  for (;;) {
    to.state.waits_since = instant::max();
    const auto event = co_await events.next(async::clock::now() + to.limits.heartbeat);
    if (!event)
      co_return;
    co_await write(to, *event);
  }
}

async::task<> stream(client& to, const control_answer& answered) {
  auto& events = *answered.events;
  events.on_end([&to] { end_waits(to.socket); });
  auto head = net::answer_head(answered.answer) + "Connection: close\r\n\r\n";
  async::task_group watchers{co_await boost::asio::this_coro::executor};
  watchers.spawn(watch_for_end(to.socket, events));
  co_await async::run_and_join(watchers, write_events(to, std::move(head), events));
}

// Writes a part of a body whose length is not known (RFC 9112 section 7.1).
std::string chunk(std::string_view bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

async::task<> write_pieces(client& to, const control_answer& answered, bool keep_alive) {
  auto text = net::answer_head(answered.answer) + "Transfer-Encoding: chunked\r\n" +
              (keep_alive ? "\r\n" : "Connection: close\r\n\r\n") + chunk(answered.answer.body);
  co_await write(to, text);
  for (auto piece = answered.more(); !piece.empty(); piece = answered.more()) {
    text = chunk(piece);
    co_await write(to, text);
  }
  co_await write(to, chunk({}));
}

// The answer without its body, but with its length if that is known (RFC 9110 section 9.3.2).
std::string head_text(const control_answer& answered, bool keep_alive) {
  if (answered.events || answered.more)
    return net::answer_head(answered.answer) + (keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
  auto text = net::answer_text(answered.answer, keep_alive);
  text.resize(text.size() - answered.answer.body.size());
  return text;
}

}  // namespace

async::task<> serve_connection(local_socket& socket, const std::optional<peer>& from,
                               const control_limits& limits, const control_handler& handler,
                               connection_state& state) {
  net::request_reader<local_socket> requests{socket, limits.request};
  client to{socket, limits, state};
  for (bool open = true; open;) {
    state.waits_since = async::clock::now();
    if (!requests.has_more() && !co_await wait_for_request(socket, limits.idle_time))
      co_return;
    std::expected<net::received_request, net::refused_request> received;
    {
      const auto end = limit(socket, limits.request_time);
      received = co_await requests.next();
    }
    if (!received && received.error().status == 0)
      co_return;
    if (!received) {
      const auto refused =
          error_answer(received.error().status, "bad_request", received.error().text);
      co_await write(to, net::answer_text(refused.answer, false));
      co_return co_await drain(socket);
    }
    state.waits_since = instant::max();
    open = received->keep_alive;
    const bool head_only = received->message.method == "HEAD";
    const auto answered = co_await handler(std::move(received->message), from);
    if (head_only)
      co_await write(to, head_text(answered, open));
    else if (answered.events)
      co_return co_await stream(to, answered);
    else if (answered.more)
      co_await write_pieces(to, answered, open);
    else
      co_await write(to, net::answer_text(answered.answer, open));
  }
}

}  // namespace canaryd::daemon
