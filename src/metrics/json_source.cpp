#include "json_source.hpp"

#include "canaryd/metrics/json_pointer.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

namespace canaryd::metrics {
namespace {

parsed<std::optional<text::decimal>> number_at(platform::json_answer& answer,
                                               std::string_view pointer) {
  boost::json::error_code absent;
  const auto* found = answer.root().find_pointer(pointer, absent);
  if (found == nullptr || found->is_null())
    return std::nullopt;
  if (!found->is_number())
    return std::unexpected{
        fmt::format("what is at {} is no number", text::printable_excerpt(pointer, 100))};
  return text::read_decimal(answer.written_number(*found));
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/')
    return false;
  for (auto at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1'))
      return false;
  }
  return true;
}

measured read_json_source(platform::json_answer& answer, std::string_view value,
                          std::string_view count) {
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  const auto told = number_at(answer, value);
  if (!told)
    return std::unexpected{told.error()};
  if (count.empty())
    return plain_value(*told);
  const auto counted = number_at(answer, count);
  if (!counted)
    return std::unexpected{counted.error()};
  return counted_value(*told, *counted);
}

}  // namespace canaryd::metrics
