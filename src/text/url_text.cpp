#include "canaryd/text/url_text.hpp"

#include "canaryd/text/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <ranges>

namespace canaryd::text {
namespace {

struct authority {
  // With the brackets of an IPv6 address.
  std::string_view host;
  std::optional<std::string_view> port;
};

template <class Integer>
std::optional<Integer> decimal(std::string_view digits) {
  Integer value = 0;
  const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), value);
  if (failure != std::errc{} || end != digits.end())
    return std::nullopt;
  return value;
}

authority split_authority(std::string_view text) {
  const auto host_end = text.starts_with('[') ? text.find(']') : 0;
  const auto colon = text.find(':', std::min(host_end, text.size()));
  if (colon == std::string_view::npos)
    return {.host = text, .port = std::nullopt};
  return {.host = text.substr(0, colon), .port = text.substr(colon + 1)};
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    const auto address = host.substr(1, host.size() < 2 ? 0 : host.size() - 2);
    return host.ends_with(']') && address.size() >= 2 &&
           address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
}

bool is_port(std::string_view port) {
  const auto value = decimal<std::uint16_t>(port);
  return value && *value > 0;
}

bool is_loopback_host(std::string_view host) {
  constexpr std::string_view name = "localhost";
  const auto same_letter = [](char left, char right) { return (left | 0x20) == right; };
  if (host == "[::1]" || std::ranges::equal(host, name, same_letter))
    return true;
  std::size_t parts = 0;
  for (const auto part : std::views::split(host, '.')) {
    const auto value = decimal<std::uint8_t>(std::string_view{part.begin(), part.end()});
    if (!value || (parts == 0 && *value != 127))
      return false;
    ++parts;
  }
  return parts == 4;
}

}  // namespace

bool is_https_or_loopback(std::string_view url) {
  const bool plain = url.starts_with("http://");
  if (!plain && !url.starts_with("https://"))
    return false;
  if (!std::ranges::all_of(url, is_visible_ascii) || url.contains('#'))
    return false;
  url.remove_prefix(url.find("//") + 2);
  const auto [host, port] = split_authority(url.substr(0, url.find_first_of("/?")));
  if (!is_host(host) || (port && !is_port(*port)))
    return false;
  return !plain || is_loopback_host(host);
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
