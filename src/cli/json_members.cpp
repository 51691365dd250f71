#include "canaryd/cli/json_members.hpp"

#include "canaryd/text/text.hpp"

namespace canaryd::cli {
namespace {

// This is longer than any text of the daemon, but does not flood a terminal.
constexpr std::size_t longest_text = 2000;

}  // namespace

const boost::json::value* member_of(const boost::json::value& from, std::string_view key) {
  const auto* object = from.if_object();
  return object == nullptr ? nullptr : object->if_contains(key);
}

std::string text_of(const boost::json::value& from, std::string_view key) {
  const auto* found = member_of(from, key);
  if (found == nullptr || !found->is_string())
    return "";
  return text::printable_excerpt(found->get_string(), longest_text);
}

std::optional<double> number_of(const boost::json::value& from, std::string_view key) {
  const auto* found = member_of(from, key);
  if (found == nullptr || !found->is_number())
    return std::nullopt;
  return found->to_number<double>();
}

const boost::json::array& array_of(const boost::json::value& from, std::string_view key) {
  static const boost::json::array none;
  const auto* found = member_of(from, key);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

const boost::json::object& object_of(const boost::json::value& from, std::string_view key) {
  static const boost::json::object none;
  const auto* found = member_of(from, key);
  return found != nullptr && found->is_object() ? found->get_object() : none;
}

}  // namespace canaryd::cli
