// Members of the daemon's JSON, for showing: what is missing or of another type is simply not
// there.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::cli {

// Null where `from` is not an object or has no such member.
const boost::json::value* member_of(const boost::json::value& from, std::string_view key);

// As printable text on one line; empty where there is none.
std::string text_of(const boost::json::value& from, std::string_view key);
std::optional<double> number_of(const boost::json::value& from, std::string_view key);

// Empty where there is none.
const boost::json::array& array_of(const boost::json::value& from, std::string_view key);
const boost::json::object& object_of(const boost::json::value& from, std::string_view key);

}  // namespace canaryd::cli
