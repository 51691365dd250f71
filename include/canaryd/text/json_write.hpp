// Writes JSON that people can read. Numbers look as one would write them (95, 0.05), where
// Boost.JSON writes 9.5E1 and 5E-2. Texts are safe for a terminal: what is not printable
// (text/text) is escaped, and a byte that is not UTF-8 is written as U+FFFD.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>

namespace canaryd::text {

enum class json_layout : std::uint8_t {
  compact,   // no white space
  indented,  // one member per line, two spaces for each level, a newline at the end
};

// Requires finite numbers.
std::string write_json(const boost::json::value& value, json_layout layout);

}  // namespace canaryd::text
