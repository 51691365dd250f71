#include "canaryd/net/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace canaryd::net {
namespace {

constexpr std::size_t max_url_bytes = 8192;
constexpr std::size_t max_host_bytes = 253;
constexpr std::size_t max_label_bytes = 63;

constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t http_port = 80;

// Locale-free, unlike <cctype>.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_letter(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
bool is_hex(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

std::string lower(std::string_view text) {
  std::string copy{text};
  std::ranges::transform(copy, copy.begin(), to_lower);
  return copy;
}

std::unexpected<error> problem(std::string_view what) {
  return std::unexpected{error{.kind = fault::refused, .text = std::string{what}}};
}

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" ? https_port : http_port;
}

// The canonical text of an IPv6 address, so that equal addresses compare equal.
std::optional<std::string> canonical_ipv6(const std::string& text) {
  in6_addr address{};
  std::array<char, INET6_ADDRSTRLEN> canonical{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1 ||
      inet_ntop(AF_INET6, &address, canonical.data(), canonical.size()) == nullptr)
    return std::nullopt;
  return canonical.data();
}

std::optional<in_addr> ipv4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1)
    return std::nullopt;
  return address;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label_bytes &&
         std::ranges::all_of(
             label, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

// A DNS name, or an IPv4 address written in full: a name whose last label is a number is neither.
bool is_host_name(const std::string& host) {
  if (host.empty() || host.size() > max_host_bytes)
    return false;
  std::string_view rest = host;
  for (;;) {
    const auto label = rest.substr(0, rest.find('.'));
    if (!is_label(label))
      return false;
    if (label.size() == rest.size())
      return !std::ranges::all_of(label, is_digit) || ipv4(host).has_value();
    rest.remove_prefix(label.size() + 1);
  }
}

result<void> check_characters(std::string_view text) {
  if (text.size() > max_url_bytes)
    return problem("the URL is longer than 8192 bytes");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= ' ' || c > '~')
      return problem(
          "the URL has a space, a control character or one outside ASCII: encode it as %XX");
    if (c == '"' || c == '<' || c == '>' || c == '\\')
      return problem("the URL has a quote, an angle bracket or a backslash: encode it as %XX");
    if (c == '#')
      return problem("the URL has a fragment (#), which is never sent");
    if (c == '%' && (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])))
      return problem("the URL has a % that is not followed by two hex digits");
  }
  return {};
}

result<std::uint16_t> parse_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535)
    return problem("the URL's port is not a number from 1 to 65535");
  return static_cast<std::uint16_t>(port);
}

struct authority {
  std::string host;
  // With its colon; empty where there is none.
  std::string_view port;
};

result<authority> split_authority(std::string_view text) {
  if (text.contains('@'))
    return problem("the URL has a user or password part, which is not allowed");
  if (!text.starts_with('[')) {
    const auto colon = std::min(text.find(':'), text.size());
    auto host = lower(text.substr(0, colon));
    if (!is_host_name(host))
      return problem(host.empty() ? "the URL has no host" : "the URL's host is not a valid name");
    return authority{.host = std::move(host), .port = text.substr(colon)};
  }
  const auto bracket = text.find(']');
  if (bracket == std::string_view::npos)
    return problem("the URL's IPv6 address has no closing bracket");
  auto host = canonical_ipv6(std::string{text.substr(1, bracket - 1)});
  if (!host)
    return problem("the URL's host is not a valid IPv6 address");
  return authority{.host = *std::move(host), .port = text.substr(bracket + 1)};
}

}  // namespace

result<url> parse_url(std::string_view text) {
  if (const auto allowed = check_characters(text); !allowed)
    return std::unexpected{allowed.error()};
  const auto separator = text.find("://");
  if (separator == std::string_view::npos)
    return problem("not an absolute URL: it must begin with https:// or http://");
  url found{.scheme = lower(text.substr(0, separator)), .host = {}, .port = 0, .target = {}};
  if (found.scheme != "https" && found.scheme != "http")
    return problem("the URL's scheme is neither https nor http");

  const auto rest = text.substr(separator + 3);
  const auto path = std::min(rest.find_first_of("/?"), rest.size());
  auto place = split_authority(rest.substr(0, path));
  if (!place)
    return std::unexpected{place.error()};
  found.host = std::move(place->host);
  found.port = default_port(found.scheme);
  if (!place->port.empty()) {
    if (place->port.front() != ':')
      return problem("the URL has text between its host and its port");
    const auto port = parse_port(place->port.substr(1));
    if (!port)
      return std::unexpected{port.error()};
    found.port = *port;
  }
  found.target = rest.substr(path);
  if (!found.target.starts_with('/'))
    found.target.insert(0, "/");
  return found;
}

std::string authority_of(const url& address) {
  const auto host = address.host.contains(':') ? fmt::format("[{}]", address.host) : address.host;
  return address.port == default_port(address.scheme) ? host
                                                      : fmt::format("{}:{}", host, address.port);
}

std::string loggable(const url& address) {
  return fmt::format("{}://{}{}", address.scheme, authority_of(address),
                     std::string_view{address.target}.substr(0, address.target.find('?')));
}

bool is_loopback(const url& address) {
  constexpr std::uint32_t loopback_network = 127;
  if (address.host == "localhost" || address.host == "::1")
    return true;
  const auto ip = ipv4(address.host);
  return ip && ntohl(ip->s_addr) >> 24U == loopback_network;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  encoded.reserve(3 * text.size());
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~')
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace canaryd::net
