// Reads JSON files that people write, and makes checks on JSON text that a parser does not make.
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
  // If a key is duplicate, its last value counts. A number too large for a double is infinite; the
  // rules in text/json_rules.hpp refuse it.
  boost::json::value root;
  // Contains every duplicate key, with its line and column.
  problem_list problems;
};

// Reads JSON (RFC 8259) that an operator wrote. It also accepts comments, a comma after the last
// element and a byte order mark at the beginning. It refuses a text of more than `max_bytes`, bytes
// that are not UTF-8, nesting deeper than 32 and anything else that is not JSON; the problem names
// the place.
std::expected<parsed_json, problem> parse_operator_json(std::string_view bytes,
                                                        std::size_t max_bytes);

// Sets the line and column of every problem that has none, and sorts all problems by place. If the
// pointer of a problem leads nowhere, the nearest value around it counts. If max_problems are
// collected, adds one that says that there may be more. Requires the bytes that
// parse_operator_json() has read.
void locate(problem_list& problems, std::string_view bytes);

// Finds a key that some object in the document has twice, with its escapes resolved. Meant for
// strict JSON that has been or will be parsed: for other text the result means nothing. Does not
// look at objects nested deeper than 32. Takes well under a microsecond for a metrics answer.
std::optional<std::string> find_duplicate_key(std::string_view json);

// Every number of the document as it is written, in the order of the text. The views point into
// `json`. Meant for the same texts as find_duplicate_key().
std::vector<std::string_view> number_texts(std::string_view json);

}  // namespace canaryd::text
