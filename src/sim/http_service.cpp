#include "canaryd/sim/http_service.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

namespace canaryd::sim {
namespace {

namespace http = boost::beast::http;
using parser = http::request_parser<http::string_body>;

constexpr std::uint32_t header_limit = 64U * 1024U;
constexpr std::uint64_t body_limit = 1024UL * 1024UL;
constexpr std::size_t buffer_limit = 128UL * 1024UL;

net::request to_request(http::request<http::string_body>&& parsed) {
  net::request message;
  message.method = parsed.method_string();
  message.target.target = parsed.target();
  for (const auto& field : parsed)
    message.headers.push_back({.name = field.name_string(), .value = field.value()});
  message.body = std::move(parsed.body());
  return message;
}

void write_text(std::string& text, const reply& result, bool keep_alive) {
  const auto& answer = result.answer;
  text.clear();
  auto out = std::back_inserter(text);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nContent-Length: {}\r\n", answer.status,
                 std::string_view{http::obsolete_reason(static_cast<http::status>(answer.status))},
                 answer.body.size());
  for (const auto& [name, value] : answer.headers)
    fmt::format_to(out, "{}: {}\r\n", name, value);
  text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  const auto shown = result.cut_body ? answer.body.size() / 2 : answer.body.size();
  text.append(answer.body, 0, shown);
}

// Throws system_error when the peer has gone.
template <class Stream>
async::task<> wait_until_closed(Stream& stream) {
  std::array<char, 512> ignored{};
  for (;;)
    co_await stream.async_read_some(boost::asio::buffer(ignored), async::use_task);
}

// True where the connection goes on.
template <class Stream>
async::task<bool> send(Stream& stream, std::string& text, const reply& result, bool keep_alive) {
  if (result.delay == core::duration::max())
    co_await wait_until_closed(stream);
  if (result.delay > core::duration::zero())
    co_await async::sleep_for(result.delay);
  if (result.fate != outcome::answered)
    co_return false;
  write_text(text, result, keep_alive);
  co_await boost::asio::async_write(stream, boost::asio::buffer(text), async::use_task);
  co_return keep_alive && !result.cut_body;
}

// The answer to a request that could not be read; status 0 where the client has just gone.
net::response refuse(const boost::system::error_code& problem) {
  if (problem == http::error::body_limit)
    return error_answer(413, "too_large", "a body is at most 1 MiB");
  if (problem == http::error::header_limit || problem == http::error::buffer_overflow)
    return error_answer(431, "too_large", "a header is at most 64 KiB");
  const bool not_http = problem.category() == http::make_error_code(http::error{}).category() &&
                        problem != http::error::end_of_stream &&
                        problem != http::error::partial_message;
  return not_http ? error_answer(400, "bad_request", problem.message()) : net::response{};
}

template <class Stream>
async::task<> serve(Stream& stream, const request_handler& handler) {
  boost::beast::flat_buffer buffer{buffer_limit};
  std::string text;
  for (bool open = true; open;) {
    parser reading;
    reading.header_limit(header_limit);
    reading.body_limit(body_limit);
    boost::system::error_code problem;
    co_await http::async_read(stream, buffer, reading,
                              boost::asio::redirect_error(async::use_task, problem));
    reply result;
    bool keep_alive = false;
    if (problem) {
      result.answer = refuse(problem);
    } else {
      keep_alive = reading.get().keep_alive();
      result = handler(to_request(reading.release()));
    }
    if (problem && result.answer.status == 0)
      co_return;
    open = co_await send(stream, text, result, keep_alive);
  }
}

}  // namespace

async::task<> serve_http(plain_socket& stream, request_handler handler) {
  co_await serve(stream, handler);
}

async::task<> serve_http(tls_socket& stream, request_handler handler) {
  co_await serve(stream, handler);
}

}  // namespace canaryd::sim
