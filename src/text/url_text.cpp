#include "canaryd/text/url_text.hpp"

#include "canaryd/text/text.hpp"

#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include <algorithm>
#include <charconv>

namespace canaryd::text {
namespace {

namespace urls = boost::urls;

constexpr std::size_t max_host_size = 253;

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= max_host_size && std::ranges::all_of(host, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
}

// Of any host, plain http only to the machine itself.
bool may_be_asked(std::string_view host, bool plain) {
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto address = urls::parse_ipv6_address(host.substr(1, host.size() - 2));
    return address && (!plain || address->is_loopback());
  }
  if (!plain)
    return is_name(host);
  const auto address = urls::parse_ipv4_address(host);
  return address ? address->is_loopback() : urls::grammar::ci_is_equal(host, "localhost");
}

}  // namespace

authority split_authority(std::string_view text) {
  const auto host_end = text.starts_with('[') ? text.find(']') : 0;
  const auto colon = text.find(':', std::min(host_end, text.size()));
  if (colon == std::string_view::npos)
    return {.host = text, .port = std::nullopt};
  return {.host = text.substr(0, colon), .port = text.substr(colon + 1)};
}

std::optional<std::uint16_t> read_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), port);
  if (failure != std::errc{} || end != digits.end())
    return std::nullopt;
  return port;
}

bool is_https_or_loopback(std::string_view url) {
  const bool plain = url.starts_with("http://");
  if (!plain && !url.starts_with("https://"))
    return false;
  if (!std::ranges::all_of(url, is_visible_ascii) || url.contains('#'))
    return false;
  url.remove_prefix(url.find("//") + 2);
  const auto [host, port] = split_authority(url.substr(0, url.find_first_of("/?")));
  return may_be_asked(host, plain) && (!port || read_port(*port).value_or(0) > 0);
}

std::string redacted_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto slashes = url.find("//");
  const auto begin = slashes == std::string_view::npos ? 0 : slashes + 2;
  const auto authority_end = std::min(url.find('/', begin), url.size());
  const auto user_end = url.substr(0, authority_end).rfind('@');
  if (user_end == std::string_view::npos || user_end < begin)
    return std::string{url};
  return std::string{url.substr(0, begin)}.append(url.substr(user_end + 1));
}

}  // namespace canaryd::text
