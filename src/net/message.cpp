#include "canaryd/net/message.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace canaryd::net {

std::optional<std::string_view> find_header(const std::vector<header>& headers,
                                            std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [name](const header& each) { return boost::beast::iequals(each.name, name); });
  if (found == headers.end())
    return std::nullopt;
  return found->value;
}

}  // namespace canaryd::net
