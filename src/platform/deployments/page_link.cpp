#include "page_link.hpp"

#include "canaryd/platform/calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::platform {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

// Takes the text up to the first of `separators` that is not inside quotes. The separator stays.
std::string_view take_until(std::string_view& text, std::string_view separators) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '"')
      quoted = !quoted;
    else if (quoted && text[at] == '\\')
      ++at;
    else if (!quoted && separators.contains(text[at]))
      break;
  }
  at = std::min(at, text.size());
  const auto taken = text.substr(0, at);
  text.remove_prefix(at);
  return taken;
}

// True if the value of rel, with or without quotes, has the word `next`.
bool names_next(std::string_view value) {
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
    value = value.substr(1, value.size() - 2);
  while (!value.empty()) {
    const auto word = value.substr(0, value.find_first_of(" \t"));
    if (net::is_same_word(word, "next"))
      return true;
    value.remove_prefix(std::min(word.size() + 1, value.size()));
  }
  return false;
}

// Takes one link off the front. Returns its target if its rel is `next`, otherwise an empty text.
std::string take_link(std::string_view& text) {
  text = trimmed(text);
  const auto end = text.starts_with('<') ? text.find('>') : std::string_view::npos;
  if (end == std::string_view::npos) {
    take_until(text, ",");
    return {};
  }
  const std::string target{trimmed(text.substr(1, end - 1))};
  text.remove_prefix(end + 1);
  bool is_next = false;
  bool has_rel = false;
  while (!text.empty() && text.front() != ',') {
    if (text.front() == ';')
      text.remove_prefix(1);
    const auto parameter = take_until(text, ";,");
    const auto equals = std::min(parameter.find('='), parameter.size());
    if (!net::is_same_word(trimmed(parameter.substr(0, equals)), "rel") ||
        std::exchange(has_rel, true))
      continue;
    is_next = names_next(trimmed(parameter.substr(std::min(equals + 1, parameter.size()))));
  }
  return is_next ? target : std::string{};
}

std::string_view path_of(const net::url& address) {
  return std::string_view{address.target}.substr(0, address.target.find('?'));
}

// Not every "://" follows a scheme, because a query may have one.
bool has_scheme(std::string_view next) {
  const auto end = next.find("://");
  return end != std::string_view::npos && end == next.find_first_of(":/?#");
}

// Follows RFC 3986 section 5.2, but leaves the removal of dot segments to the server.
std::string resolve(const net::url& before, std::string_view next) {
  next = next.substr(0, next.find('#'));
  if (has_scheme(next))
    return std::string{next};
  if (next.starts_with("//"))
    return fmt::format("{}:{}", before.scheme, next);
  const auto origin = fmt::format("{}://{}", before.scheme, net::authority_of(before));
  if (next.starts_with('/'))
    return origin + std::string{next};
  const auto path = path_of(before);
  if (next.empty() || next.starts_with('?'))
    return fmt::format("{}{}{}", origin, path, next);
  return fmt::format("{}{}{}", origin, path.substr(0, path.rfind('/') + 1), next);
}

bool is_page_url(const net::url& before, std::string_view next) {
  return has_scheme(next) || next.starts_with('?') ||
         (next.starts_with('/') && (next.contains('?') || next.starts_with(path_of(before))));
}

result<net::url> follow_url(const net::url& before, std::string_view next) {
  auto address = net::parse_url(resolve(before, next));
  if (!address)
    return failure(fault::malformed,
                   "the next page of the list has no usable URL: " + address.error().text);
  if (address->scheme != before.scheme || address->host != before.host ||
      address->port != before.port)
    return failure(fault::malformed,
                   fmt::format("the next page of the list is at another origin, {}://{}: it is "
                               "not fetched, because the access token would be sent there",
                               address->scheme, net::authority_of(*address)));
  return address;
}

result<net::url> follow_cursor(net::url first, std::string_view cursor) {
  append_query(first.target, "next", cursor);
  return first;
}

}  // namespace

std::string find_next_link(const std::vector<net::header>& headers) {
  for (const auto& header : headers) {
    if (!net::is_same_word(header.name, "Link"))
      continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      if (auto target = take_link(rest); !target.empty())
        return target;
      rest.remove_prefix(std::min<std::size_t>(rest.size(), 1));
    }
  }
  return {};
}

page_walk::page_walk(net::url first)
    : first_{std::move(first)}, present_{first_}, asked_{first_.target} {}

result<bool> page_walk::advance(std::string_view next, std::string_view link) {
  if (next.empty() && link.empty())
    return false;
  auto following = next.empty()                  ? follow_url(present_, link)
                   : is_page_url(present_, next) ? follow_url(present_, next)
                                                 : follow_cursor(first_, next);
  if (!following)
    return std::unexpected{std::move(following).error()};
  if (std::ranges::find(asked_, following->target) != asked_.end())
    return failure(fault::malformed, "the list leads back to a page that was read already");
  if (asked_.size() == most_pages)
    return failure(fault::malformed, fmt::format("the list has more than {} pages", most_pages));
  asked_.push_back(following->target);
  present_ = *std::move(following);
  return true;
}

}  // namespace canaryd::platform
