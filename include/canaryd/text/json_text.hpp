// JSON as text: files that people write, and checks that a JSON parser leaves out.
#pragma once

#include "canaryd/text/problem.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::text {

struct parsed_json {
  // Of duplicate keys the last one counts. A number over the range of a double is infinite; the
  // rules of text/json_rules.hpp refuse it.
  boost::json::value root;
  // Every duplicate key, with its line and column.
  problem_list problems;
};

// Reads JSON (RFC 8259) that an operator wrote. Also accepted: comments, a comma behind the last
// element, a byte order mark in front. Refused, with the place: more than `max_bytes`, bytes that
// are not UTF-8, nesting deeper than 32, anything else that is not JSON.
std::expected<parsed_json, problem> parse_operator_json(std::string_view bytes,
                                                        std::size_t max_bytes);

// Gives every problem that has none yet the line and column of its pointer, or of the nearest value
// around a place that is not there; then sorts all by place. Where max_problems are collected, one
// more says that there may be others. Requires the bytes that parse_operator_json has read.
void locate(problem_list& problems, std::string_view bytes);

// A key that an object anywhere in the document has twice, escapes resolved. Meant for strict JSON
// that has been or will be parsed: text that is not JSON is no reason to fail, it gives any answer.
// Nesting deeper than 32 is not looked at. A metrics answer takes well under a microsecond.
std::optional<std::string> find_duplicate_key(std::string_view json);

// Every number of the document as it is written there, in the order of the text. For the same text
// as find_duplicate_key(). The views are into it.
std::vector<std::string_view> number_texts(std::string_view json);

}  // namespace canaryd::text
