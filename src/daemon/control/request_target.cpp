#include "canaryd/daemon/control/request_target.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

namespace canaryd::daemon {
namespace {

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() < 2 || problem != std::errc{} || end != digits.data() + digits.size())
      return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

// Calls `take` with each part of `text` between separators, while it returns true.
bool each_part(std::string_view text, char separator,
               const std::function<bool(std::string_view)>& take) {
  for (;;) {
    const auto end = text.find(separator);
    if (!take(text.substr(0, end)))
      return false;
    if (end == std::string_view::npos)
      return true;
    text.remove_prefix(end + 1);
  }
}

// Where the path begins behind scheme and authority; npos where there are none.
std::size_t absolute_path_begin(std::string_view text) {
  const auto authority = text.find("://");
  if (authority == std::string_view::npos)
    return authority;
  const auto scheme = text.substr(0, authority);
  if (!boost::beast::iequals(scheme, "http") && !boost::beast::iequals(scheme, "https"))
    return std::string_view::npos;
  const auto begin = authority + std::string_view{"://"}.size();
  const auto end = std::min(text.find_first_of("/?", begin), text.size());
  return end == begin ? std::string_view::npos : end;
}

}  // namespace

std::optional<request_target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) {
    const auto begin = absolute_path_begin(text);
    if (begin == std::string_view::npos)
      return std::nullopt;
    text.remove_prefix(begin);
  }
  request_target target;
  const auto question = text.find('?');
  // The path of the absolute form may be empty.
  auto path = text.substr(0, question);
  path.remove_prefix(path.empty() ? 0 : 1);
  const bool path_is_sound = each_part(path, '/', [&](std::string_view part) {
    auto segment = percent_decode(part);
    if (!segment)
      return false;
    target.path.push_back(*std::move(segment));
    return true;
  });
  if (!path_is_sound)
    return std::nullopt;
  if (question == std::string_view::npos)
    return target;
  const bool query_is_sound = each_part(text.substr(question + 1), '&', [&](std::string_view part) {
    const auto equals = part.find('=');
    auto key = percent_decode(part.substr(0, equals));
    auto value = percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1));
    if (!key || !value)
      return false;
    target.query.emplace(*std::move(key), *std::move(value));
    return true;
  });
  if (!query_is_sound)
    return std::nullopt;
  return target;
}

}  // namespace canaryd::daemon
