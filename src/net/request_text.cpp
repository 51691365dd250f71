#include "canaryd/net/request_text.hpp"

#include <boost/beast/core/string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace canaryd::net {
namespace {

constexpr std::array<std::string_view, 4> own_headers{"Host", "Content-Length", "Connection",
                                                      "Transfer-Encoding"};

bool is_token_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  return letter || digit || std::string_view{"!#$%&'*+-.^_`|~"}.contains(c);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

bool is_field_value(std::string_view text) {
  constexpr char del = 0x7f;
  return std::ranges::none_of(
      text, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == del; });
}

bool is_own_header(std::string_view name) {
  return std::ranges::any_of(own_headers,
                             [name](auto own) { return boost::beast::iequals(own, name); });
}

// The texts never quote a header's value, because it may be a token.
result<void> check(const request& message) {
  if (!is_token(message.method))
    return failure(fault::refused, "the method is not a word");
  for (const auto& each : message.headers) {
    if (!is_token(each.name))
      return failure(fault::refused, "a header's name has characters that HTTP does not allow");
    if (!is_field_value(each.value))
      return failure(fault::refused,
                     fmt::format("the value of header {} has control characters", each.name));
    if (is_own_header(each.name))
      return failure(fault::refused,
                     fmt::format("header {} is written by the transport", each.name));
  }
  return {};
}

// An upper bound for the size of the text without its body.
std::size_t header_bytes(const request& message) {
  constexpr std::size_t words = 128;
  std::size_t bytes =
      words + message.method.size() + message.target.target.size() + message.target.host.size();
  for (const auto& [name, value] : message.headers)
    bytes += name.size() + value.size() + std::string_view{": \r\n"}.size();
  return bytes;
}

bool has_length(const request& message) {
  return !message.body.empty() || message.method == "POST" || message.method == "PUT" ||
         message.method == "PATCH";
}

}  // namespace

result<std::string> make_request_text(const request& message) {
  if (const auto sendable = check(message); !sendable)
    return std::unexpected{sendable.error()};
  std::string text;
  // Reserved at once, because a text that grows leaves copies of tokens and secrets in memory.
  text.reserve(header_bytes(message) + message.body.size());
  for (const std::string_view part :
       {std::string_view{message.method}, std::string_view{" "},
        std::string_view{message.target.target}, std::string_view{" HTTP/1.1\r\nHost: "}})
    text += part;
  text += authority_of(message.target);
  text += "\r\n";
  for (const auto& [name, value] : message.headers) {
    text += name;
    text += ": ";
    text += value;
    text += "\r\n";
  }
  if (has_length(message))
    fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n", message.body.size());
  text += "\r\n";
  text += message.body;
  return text;
}

}  // namespace canaryd::net
