#include "canaryd/sim/http_service.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace canaryd::sim {
namespace {

// Throws system_error when the peer has gone.
template <class Stream>
async::task<> wait_until_closed(Stream& stream) {
  std::array<char, 512> ignored{};
  for (;;)
    co_await stream.async_read_some(boost::asio::buffer(ignored), async::use_task);
}

// Returns true if the connection goes on.
template <class Stream>
async::task<bool> send(Stream& stream, const reply& result, bool keep_alive) {
  if (result.delay == duration::max())
    co_await wait_until_closed(stream);
  if (result.delay > duration::zero())
    co_await async::sleep_for(result.delay);
  if (result.ended != outcome::answered)
    co_return false;
  auto text = net::answer_text(result.answer, keep_alive);
  if (result.cut_body)
    text.resize(text.size() - (result.answer.body.size() - result.answer.body.size() / 2));
  co_await boost::asio::async_write(stream, boost::asio::buffer(text), async::use_task);
  co_return keep_alive && !result.cut_body;
}

template <class Stream>
async::task<> serve(Stream& stream, const request_handler& handler) {
  net::request_reader<Stream> requests{stream, {}};
  for (bool open = true; open;) {
    auto received = co_await requests.next();
    reply result;
    if (received)
      result = handler(received->message);
    else if (received.error().status == 0)
      co_return;
    else
      result.answer = error_answer(received.error().status, "bad_request", received.error().text);
    open = co_await send(stream, result, received && received->keep_alive);
  }
}

}  // namespace

async::task<> serve_http(net::plain_socket& stream, request_handler handler) {
  co_await serve(stream, handler);
}

async::task<> serve_http(net::tls_socket& stream, request_handler handler) {
  co_await serve(stream, handler);
}

}  // namespace canaryd::sim
