// Parses JSON with every number as it is written. Boost.JSON 1.81 calculates numbers fast, so that
// those of many digits become a neighbour of the nearest double.
#pragma once

#include <boost/json/parse_options.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace canaryd::core {

// A number with digits that a double cannot hold (decimal::beyond).
struct long_number {
  // How many numbers stand before it in the text.
  std::size_t place = 0;
  std::int8_t beyond = 0;
};

struct exact_json {
  boost::json::value root;
  // In the order of the text; hardly ever any.
  std::vector<long_number> long_numbers;
  // How much of the text is JSON, where there is an error.
  std::size_t taken = 0;
};

// As boost::json::parse: the whole text, with the same errors. Every double is the nearest to what
// is written; whole numbers that fit are integers, and exact.
exact_json parse_exactly(std::string_view text, boost::json::error_code& failure,
                         boost::json::storage_ptr memory = {},
                         const boost::json::parse_options& options = {});

// The same without what digits beyond a double say; null where there is an error.
boost::json::value parse_json(std::string_view text, boost::json::error_code& failure);

// decimal::beyond of a number inside the document `root`, in which no object has a key twice.
std::int8_t digits_beyond(const boost::json::value& root,
                          const std::vector<long_number>& long_numbers,
                          const boost::json::value& number);

}  // namespace canaryd::core
