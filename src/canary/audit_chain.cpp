#include "canaryd/canary/audit_chain.hpp"

#include "canaryd/text/digest.hpp"
#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/json_write.hpp"

#include <boost/json/value.hpp>

#include <cstdint>

namespace canaryd::canary {
namespace json = boost::json;
namespace {

constexpr std::string_view sequence_key = "sequence";
constexpr std::string_view prev_key = "prev_sha256";
constexpr std::string_view source_key = "source";

// Many programs that read JSON know whole numbers only up to this one. No chain gets that long, and
// from here the numbers can still go on.
constexpr std::int64_t max_sequence = std::int64_t{1} << 53U;

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

result<chain_line> read_chain_line(std::string_view line) {
  json::error_code broken;
  const auto parsed = text::parse_json(line, broken);
  const auto* members = broken ? nullptr : parsed.if_object();
  if (members == nullptr)
    return failure(fault::malformed, "it is not a JSON object");
  const auto* id = members->if_contains("record_id");
  if (id == nullptr || !id->is_string() || id->get_string().empty())
    return failure(fault::malformed, "it has no record_id");
  const auto* number = members->if_contains(sequence_key);
  if (number == nullptr || !number->is_int64() || number->get_int64() < 1 ||
      number->get_int64() > max_sequence)
    return failure(fault::malformed, "it has no sequence");
  const auto* prev = members->if_contains(prev_key);
  if (prev == nullptr ||
      (!prev->is_null() && !(prev->is_string() && is_digest(prev->get_string()))))
    return failure(fault::malformed, "it has no prev_sha256");
  return chain_line{
      .record_id = std::string{id->get_string()},
      .sequence = number->get_int64(),
      .prev_sha256 = prev->is_null() ? std::string{} : std::string{prev->get_string()}};
}

std::string content_sha256(std::string_view line) {
  json::error_code broken;
  const auto parsed = text::parse_json(line, broken);
  const auto* members = broken ? nullptr : parsed.if_object();
  if (members == nullptr)
    return {};
  json::object content;
  for (const auto& [key, value] : *members) {
    if (key != sequence_key && key != prev_key && key != source_key)
      content[key] = value;
  }
  return text::sha256_hex(text::write_json(content, text::json_layout::compact));
}

std::string continue_chain(json::object record, chain_end& end) {
  record[sequence_key] = end.sequence + 1;
  record[prev_key] = end.sha256.empty() ? json::value{} : json::value(end.sha256);
  auto line = text::write_json(record, text::json_layout::compact);
  end = {.sequence = end.sequence + 1, .sha256 = text::sha256_hex(line)};
  return line;
}

chain_end end_with(std::string_view line, const chain_end& before) {
  const auto read = read_chain_line(line);
  return {.sequence = read ? read->sequence : before.sequence + 1,
          .sha256 = text::sha256_hex(line)};
}

}  // namespace canaryd::canary
