#include "json_scan.hpp"

#include <boost/json/parse.hpp>

namespace canaryd::core {

std::string json_key(std::string_view quoted) {
  if (quoted.contains('\\')) {
    boost::json::error_code failure;
    const auto decoded = boost::json::parse(quoted, failure);
    if (!failure && decoded.is_string())
      return std::string{decoded.get_string()};
  }
  if (quoted.size() < 2)
    return {};
  return std::string{quoted.substr(1, quoted.size() - 2)};
}

}  // namespace canaryd::core
