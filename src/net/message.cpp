#include "canaryd/net/message.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace canaryd::net {

bool is_same_word(std::string_view one, std::string_view other) {
  return boost::beast::iequals(one, other);
}

std::optional<std::string_view> find_header(const std::vector<header>& headers,
                                            std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [name](const header& each) { return is_same_word(each.name, name); });
  if (found == headers.end())
    return std::nullopt;
  return found->value;
}

}  // namespace canaryd::net
