// Parses JSON and keeps every number as it is written. Boost.JSON 1.81 calculates numbers fast but
// not exactly: a number of many digits may become a neighbour of the nearest double.
#pragma once

#include <boost/json/parse_options.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace canaryd::text {

struct exact_json {
  boost::json::value root;
  // True if some number has digits that a double cannot hold (decimal::beyond). number_texts() in
  // text/json_text.hpp returns them.
  bool has_long_numbers = false;
  // On an error: how many bytes were read before it.
  std::size_t taken = 0;
};

// Like boost::json::parse(): reads the whole text, with the same errors. Every double is the
// nearest to what is written. Whole numbers that fit are integers, and exact.
exact_json parse_exactly(std::string_view text, boost::json::error_code& failure,
                         const boost::json::storage_ptr& memory = {},
                         const boost::json::parse_options& options = {});

// Returns only the value; null on an error.
boost::json::value parse_json(std::string_view text, boost::json::error_code& failure);

}  // namespace canaryd::text
