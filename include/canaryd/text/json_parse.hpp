// Parses JSON with every number as it is written. Boost.JSON 1.81 calculates numbers fast, so that
// those of many digits become a neighbour of the nearest double.
#pragma once

#include <boost/json/parse_options.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace canaryd::text {

struct exact_json {
  boost::json::value root;
  // A number has digits that a double cannot hold (decimal::beyond). number_texts() of
  // text/json_text.hpp has them.
  bool has_long_numbers = false;
  // How much of the text is JSON, where there is an error.
  std::size_t taken = 0;
};

// As boost::json::parse: the whole text, with the same errors. Every double is the nearest to what
// is written; whole numbers that fit are integers, and exact.
exact_json parse_exactly(std::string_view text, boost::json::error_code& failure,
                         boost::json::storage_ptr memory = {},
                         const boost::json::parse_options& options = {});

// The value alone; null where there is an error.
boost::json::value parse_json(std::string_view text, boost::json::error_code& failure);

}  // namespace canaryd::text
