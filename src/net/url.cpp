#include "canaryd/net/url.hpp"

#include "canaryd/text/text.hpp"
#include "canaryd/text/url_text.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace canaryd::net {
namespace {

namespace urls = boost::urls;

constexpr std::size_t max_url_bytes = 8192;
constexpr std::size_t max_host_bytes = 253;
constexpr std::size_t max_label_bytes = 63;

constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t http_port = 80;

std::string lower(std::string_view text) {
  std::string copy{text};
  std::ranges::transform(copy, copy.begin(), urls::grammar::to_lower);
  return copy;
}

std::unexpected<error> problem(std::string_view what) {
  return failure(fault::refused, std::string{what});
}

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" ? https_port : http_port;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label_bytes &&
         std::ranges::all_of(
             label, [](char c) { return text::is_alphanumeric(c) || c == '-' || c == '_'; });
}

// A DNS name, or an IPv4 address written in full: a name whose last label is a number is neither.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > max_host_bytes)
    return false;
  for (auto rest = host;;) {
    const auto label = rest.substr(0, rest.find('.'));
    if (!is_label(label))
      return false;
    if (label.size() == rest.size())
      return !std::ranges::all_of(label, text::is_digit) || urls::parse_ipv4_address(host);
    rest.remove_prefix(label.size() + 1);
  }
}

result<void> check_characters(std::string_view text) {
  if (text.size() > max_url_bytes)
    return problem("the URL is longer than 8192 bytes");
  for (const char c : text) {
    if (!text::is_visible_ascii(c))
      return problem(
          "the URL has a space, a control character or one outside ASCII: encode it as %XX");
    if (c == '"' || c == '<' || c == '>' || c == '\\')
      return problem("the URL has a quote, an angle bracket or a backslash: encode it as %XX");
    if (c == '#')
      return problem("the URL has a fragment (#), which is never sent");
  }
  if (text.contains('%') && !urls::make_pct_string_view(text))
    return problem("the URL has a % that is not followed by two hex digits");
  return {};
}

// As a url has it: equal addresses have equal texts.
result<std::string> read_host(std::string_view host) {
  if (host.starts_with('[')) {
    if (!host.ends_with(']'))
      return problem(host.contains(']') ? "the URL has text between its host and its port"
                                        : "the URL's IPv6 address has no closing bracket");
    // Not by Asio, which takes zones ("fe80::1%eth0").
    const auto address = urls::parse_ipv6_address(host.substr(1, host.size() - 2));
    if (!address)
      return problem("the URL's host is not a valid IPv6 address");
    return boost::asio::ip::address_v6{address->to_bytes()}.to_string();
  }
  if (host.empty())
    return problem("the URL has no host");
  if (!is_host_name(host))
    return problem("the URL's host is not a valid name");
  return lower(host);
}

result<void> read_authority(std::string_view written, url& into) {
  if (written.contains('@'))
    return problem("the URL has a user or password part, which is not allowed");
  const auto place = text::split_authority(written);
  auto host = read_host(place.host);
  if (!host)
    return std::unexpected{std::move(host).error()};
  into.host = *std::move(host);
  into.port = place.port ? text::read_port(*place.port).value_or(0) : default_port(into.scheme);
  if (into.port == 0)
    return problem("the URL's port is not a number from 1 to 65535");
  return {};
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
  if (const auto read = read_authority(rest.substr(0, path), found); !read)
    return std::unexpected{read.error()};
  // As it is written, also where RFC 3986 would have more of it encoded: "/{id}".
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
  boost::system::error_code no_address;
  return address.host == "localhost" ||
         boost::asio::ip::make_address(address.host, no_address).is_loopback();
}

std::string percent_encode(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

}  // namespace canaryd::net
