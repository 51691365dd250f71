// Reads members of the daemon's JSON, for views. A member of another type counts as missing.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::cli {

// Returns null if `from` is not an object or has no such member.
const boost::json::value* member_of(const boost::json::value& from, std::string_view key);

// Returns the text with only printable characters, on one line. Empty if there is none.
std::string text_of(const boost::json::value& from, std::string_view key);
std::optional<double> number_of(const boost::json::value& from, std::string_view key);

// Both are empty if there is none.
const boost::json::array& array_of(const boost::json::value& from, std::string_view key);
const boost::json::object& object_of(const boost::json::value& from, std::string_view key);

}  // namespace canaryd::cli
