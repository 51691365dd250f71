#include "canaryd/text/json_write.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace canaryd::text {
namespace {

namespace json = boost::json;

TEST(json_write, numbers_are_written_as_one_would) {
  const json::array numbers{95.0, 0.05, 1500.0, 4.4, 417, -3, 5.1};
  EXPECT_EQ(write_json(numbers, json_layout::compact), "[95,0.05,1500,4.4,417,-3,5.1]");
}

TEST(json_write, what_is_written_reads_back_the_same) {
  const auto value = json::parse(R"({"a":[1,{"b":"x\n\"y"},[],{}],"c":null,"d":true,"e":0.1})");
  for (const auto layout : {json_layout::compact, json_layout::indented})
    EXPECT_EQ(json::parse(write_json(value, layout)), value);
}

TEST(json_write, a_terminal_that_is_shown_it_does_nothing_else) {
  EXPECT_EQ(
      write_json(json::object{{"\x1B[2J", "a\u009B\u202Eb\x7F\u2028é"}}, json_layout::compact),
      R"({"\u001b[2J":"a\u009b\u202eb\u007f\u2028é"})");
  EXPECT_EQ(write_json(json::string{"a\xFF\tb\\\"\n"}, json_layout::compact),
            R"("a\ufffd\tb\\\"\n")");
}

TEST(json_write, indented_has_a_member_a_line) {
  const auto value = json::parse(R"({"a":[1,2],"b":{},"c":{"d":"e"}})");
  EXPECT_EQ(
      write_json(value, json_layout::indented),
      "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": {\n    \"d\": \"e\"\n  }\n}\n");
}

}  // namespace
}  // namespace canaryd::text
