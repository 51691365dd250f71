#include "json_scan.hpp"

#include "canaryd/text/json_text.hpp"

#include <boost/json/parse.hpp>

#include <utility>
#include <vector>

namespace canaryd::text {
namespace {

class number_collector {
 public:
  explicit number_collector(std::string_view text) : text_{text} {}

  void key(std::string_view /*quoted*/, std::size_t /*offset*/) {}
  void value(std::size_t offset) {
    const char first = text_[offset];
    if (first == '-' || (first >= '0' && first <= '9'))
      found.push_back(text_.substr(offset, json_scalar_end(text_, offset) - offset));
  }
  void open(char /*bracket*/) {}
  void close() {}

  std::vector<std::string_view> found;

 private:
  std::string_view text_;
};

}  // namespace

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

std::vector<std::string_view> number_texts(std::string_view json) {
  number_collector numbers{json};
  scan_json(json, numbers);
  return std::move(numbers.found);
}

}  // namespace canaryd::text
