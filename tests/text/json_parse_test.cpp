#include "canaryd/text/json_parse.hpp"

#include "canaryd/text/json_write.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace canaryd::text {
namespace {

namespace json = boost::json;

json::value parsed(std::string_view text) {
  json::error_code failure;
  auto value = parse_json(text, failure);
  EXPECT_FALSE(failure) << text;
  return value;
}

TEST(json_parse, makes_what_boost_json_makes) {
  for (
      const auto* text :
      {"null", "true", "[]", "{}", "5", "-5", "18446744073709551615", R"("a\n\u00fc")",
       R"({"a": [1, 2.5, "x", {"b": null}], "": false, "long key, longer than any buffer": -0.5})"})
    EXPECT_EQ(parsed(text), json::parse(text)) << text;
}

TEST(json_parse, fails_where_boost_json_fails) {
  for (const auto* text : {"", " ", "[1,]", "{", R"({"a":})", "01", "1.", "-", "nul", "1 2", "NaN",
                           R"("\x")", "[1}", "1e"}) {
    json::error_code ours;
    json::error_code theirs;
    EXPECT_TRUE(parse_json(text, ours).is_null());
    json::parse(text, theirs);
    EXPECT_EQ(ours, theirs) << text;
    EXPECT_TRUE(ours) << text;
  }
}

TEST(json_parse, every_double_comes_back_as_it_was_written) {
  std::mt19937_64 engine{1};
  for (int i = 0; i < 20'000; ++i) {
    auto value = std::bit_cast<double>(engine());
    if (!std::isfinite(value))
      continue;
    if (i % 2 == 0)
      value = static_cast<double>(engine() >> 11U) * 0x1p-53;
    const auto text = write_json(value, json_layout::compact);
    EXPECT_EQ(parsed(text).to_number<double>(), value) << text;
  }
  EXPECT_EQ(parsed("2000.0000000000002").get_double(), 2000.0000000000002);
  EXPECT_EQ(parsed("0.1000000000000000055511151231257827").get_double(), 0.1);
}

TEST(json_parse, values_are_where_they_were_asked_for) {
  unsigned char buffer[1024];
  json::monotonic_resource memory{buffer, sizeof buffer};
  json::error_code failure;
  const auto found = parse_exactly(R"({"a": [1, 2], "b": "text"})", failure, &memory);
  EXPECT_EQ(found.root.storage().get(), &memory);
  EXPECT_EQ(found.root.at("a").storage().get(), &memory);
}

TEST(json_parse, an_error_has_its_place) {
  json::error_code failure;
  EXPECT_EQ(parse_exactly(R"({"a": 1, b})", failure).taken, 9U);
  EXPECT_EQ(parse_exactly("{} x", failure).taken, 3U);
}

TEST(json_parse, digits_beyond_a_double_are_told_of) {
  const auto has_long_numbers = [](std::string_view text) {
    json::error_code failure;
    return parse_exactly(text, failure).has_long_numbers;
  };
  EXPECT_TRUE(has_long_numbers(R"({"a": 0.05000000000000000001})"));
  EXPECT_TRUE(has_long_numbers(R"([1, {"c": 9007199254740993}, 0.5])"));
  EXPECT_TRUE(has_long_numbers("0.049999999999999999999"));
  EXPECT_FALSE(has_long_numbers(R"({"a": 0.05, "b": [1, 9007199254740992]})"));
}

}  // namespace
}  // namespace canaryd::text
