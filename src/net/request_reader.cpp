#include "canaryd/net/request_reader.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <utility>

namespace canaryd::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using parser = http::request_parser<http::string_body>;

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
// How much may be read beyond the header at once.
constexpr std::size_t read_ahead = 64UL * 1024UL;

request to_request(http::request<http::string_body>&& parsed) {
  request message;
  message.method = parsed.method_string();
  message.target.target = parsed.target();
  for (const auto& field : parsed)
    message.headers.push_back({.name = field.name_string(), .value = field.value()});
  message.body = std::move(parsed.body());
  return message;
}

// Refuses headers that are wrong or ask for what this server does not do (RFC 9112 sections 3.2,
// 6.1 and 6.3, RFC 9110 section 10.1.1). Beast has already refused a length together with a
// transfer coding.
std::optional<refused_request> refuse_header(const http::request<http::string_body>& header) {
  if (header.count(http::field::host) > 1)
    return refused_request{400, "a request must have only one Host header"};
  if (header.count(http::field::transfer_encoding) > 0) {
    if (header.version() < 11)
      return refused_request{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (!boost::beast::iequals(header[http::field::transfer_encoding], "chunked"))
      return refused_request{501, "the only Transfer-Encoding known here is chunked"};
    return refused_request{411, "a body needs a Content-Length"};
  }
  if (header.count(http::field::expect) > 0 &&
      !boost::beast::iequals(header[http::field::expect], "100-continue"))
    return refused_request{417, "the only expectation that can be met is 100-continue"};
  return std::nullopt;
}

refused_request refuse(const error_code& problem, const request_limits& limits) {
  if (problem == http::error::body_limit)
    return {413, fmt::format("a body is at most {} bytes", limits.body_bytes)};
  if (problem == http::error::header_limit || problem == http::error::buffer_overflow)
    return {431, fmt::format("a header is at most {} bytes", limits.header_bytes)};
  const bool not_http = problem.category() == http::make_error_code(http::error{}).category() &&
                        problem != http::error::end_of_stream &&
                        problem != http::error::partial_message;
  return not_http ? refused_request{400, problem.message()} : refused_request{};
}

}  // namespace

template <class Stream>
request_reader<Stream>::request_reader(Stream& stream, request_limits limits)
    : stream_{stream}, limits_{limits}, buffer_{limits.header_bytes + read_ahead} {}

template <class Stream>
async::task<std::expected<received_request, refused_request>> request_reader<Stream>::next() {
  parser reading;
  reading.header_limit(limits_.header_bytes);
  reading.body_limit(limits_.body_bytes);
  error_code problem;
  // Beast applies its own limit only to each piece of a header that arrives in pieces.
  std::size_t header_bytes = 0;
  while (!problem && !reading.is_header_done()) {
    header_bytes += co_await http::async_read_some(
        stream_, buffer_, reading, boost::asio::redirect_error(async::use_task, problem));
    if (!problem && header_bytes > limits_.header_bytes)
      problem = http::error::header_limit;
  }
  if (problem)
    co_return std::unexpected{refuse(problem, limits_)};
  if (auto refused = refuse_header(reading.get()))
    co_return std::unexpected{*std::move(refused)};
  const bool waits_for_word = reading.get().version() >= 11 && buffer_.size() == 0 &&
                              reading.get().count(http::field::expect) > 0;
  if (!reading.is_done() && waits_for_word)
    co_await boost::asio::async_write(stream_, boost::asio::buffer(go_on),
                                      boost::asio::redirect_error(async::use_task, problem));
  if (!problem && !reading.is_done())
    co_await http::async_read(stream_, buffer_, reading,
                              boost::asio::redirect_error(async::use_task, problem));
  if (problem)
    co_return std::unexpected{refuse(problem, limits_)};
  received_request received;
  received.keep_alive = reading.get().keep_alive();
  received.message = to_request(reading.release());
  co_return received;
}

template class request_reader<plain_socket>;
template class request_reader<tls_socket>;
template class request_reader<local_socket>;

std::string answer_head(const response& answer) {
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", answer.status,
                 std::string_view{http::obsolete_reason(static_cast<http::status>(answer.status))});
  for (const auto& [name, value] : answer.headers)
    fmt::format_to(out, "{}: {}\r\n", name, value);
  return text;
}

std::string answer_text(const response& answer, bool keep_alive) {
  auto text = answer_head(answer);
  fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n{}\r\n", answer.body.size(),
                 keep_alive ? "" : "Connection: close\r\n");
  return text + answer.body;
}

}  // namespace canaryd::net
