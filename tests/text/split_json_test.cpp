#include "canaryd/text/split_json.hpp"

#include "canaryd/text/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::size_t plenty = 100'000;
using lines = std::vector<std::string>;

split_json merge(std::vector<json_part> parts) {
  auto merged = split_json::merge(std::move(parts), plenty);
  EXPECT_TRUE(merged) << merged.error().front();
  return merged ? *std::move(merged) : split_json{};
}

lines merge_problems(std::vector<json_part> parts) {
  auto merged = split_json::merge(std::move(parts), plenty);
  return merged ? merged->describe({}) : merged.error();
}

boost::json::value value_of_text(std::string_view text) {
  return parse_operator_json(text, plenty)->root;
}

TEST(split_json, objects_are_merged_key_by_key) {
  const auto merged = merge({{"a", R"({"log": {"level": "info"}, "x": {"y": {"one": 1}}})"},
                             {"b", R"({"log": {"target": "auto"}, "x": {"y": {"two": 2}}})"},
                             {"c", R"({"z": [1]} // the rest)"}});
  EXPECT_EQ(merged.root(), value_of_text(R"({"log": {"level": "info", "target": "auto"},
                                    "x": {"y": {"one": 1, "two": 2}}, "z": [1]})"));
  EXPECT_THAT(merged.describe({}), IsEmpty());
}

TEST(split_json, a_leaf_that_is_there_twice_is_a_problem_that_names_both_files) {
  const auto merged = merge({{"a", "{\n  \"log\": {\"level\": \"info\"}}"},
                             {"b", R"({"log": {"target": "auto"}})"},
                             {"c", "{\"log\": {\n\"level\": \"info\"}}"}});
  EXPECT_THAT(merged.describe({}),
              ElementsAre("c:2:10: /log/level: a:2:20 has this key too, and only one of the files "
                          "may have it"));
  EXPECT_EQ(merged.root().at("log").at("level"), "info");
}

TEST(split_json, an_array_is_a_leaf) {
  EXPECT_THAT(merge_problems({{"a", R"({"x": [1]})"}, {"b", R"({"x": [2]})"}}),
              ElementsAre(StartsWith("b:1:7: /x: a:1:7 has this key too")));
}

TEST(split_json, null_is_a_leaf) {
  EXPECT_THAT(merge_problems({{"a", R"({"x": null})"}, {"b", R"({"x": {}})"}}),
              ElementsAre(StartsWith("b:1:7: /x: a:1:7 has")));
}

TEST(split_json, an_object_cannot_be_merged_with_a_leaf) {
  EXPECT_THAT(merge_problems({{"a", R"({"x": {"y": 1}})"}, {"b", "{}"}, {"c", R"({"x": 1})"}}),
              ElementsAre(StartsWith("c:1:7: /x: a:1:7 has")));
}

TEST(split_json, a_duplicate_key_of_one_file_is_a_problem_of_that_file) {
  EXPECT_THAT(merge_problems({{"a", "{}"}, {"b", R"({"x": 1, "x": 2})"}}),
              ElementsAre("b:1:10: /x: duplicate key"));
}

TEST(split_json, every_file_that_is_no_json_object_is_named) {
  EXPECT_THAT(merge_problems({{"a", "{"}, {"b", "[]"}, {"c", ""}, {"d", "{}"}}),
              ElementsAre(StartsWith("a:1:2: not valid JSON"), StartsWith("b:1:1: "),
                          StartsWith("c: empty")));
}

TEST(split_json, a_problem_of_what_was_merged_names_the_file_that_its_value_is_from) {
  const auto merged = merge({{"a", R"({"api": {"x": 1}})"},
                             {"b", "{\"api\": {\n  \"y\": 2}}"},
                             {"c", R"({"z": [{"t": 1}]})"}});
  EXPECT_THAT(merged.describe({{.pointer = "/z/0/t", .message = "wrong"},
                               {.pointer = "/api/y", .message = "wrong"},
                               {.pointer = "/api/missing", .message = "required"},
                               {.pointer = "/absent", .message = "required"}}),
              ElementsAre("a:1:1: /absent: required", "a:1:9: /api/missing: required",
                          "b:2:8: /api/y: wrong", "c:1:14: /z/0/t: wrong"));
}

TEST(split_json, keys_with_slashes_and_tildes_are_found) {
  EXPECT_THAT(merge_problems({{"a", R"({"x/y~": 1})"}, {"b", R"({"x/y~": 1})"}}),
              ElementsAre(StartsWith("b:1:10: /x~1y~0: a:1:10 has")));
}

TEST(split_json, each_file_may_name_its_schema) {
  const auto merged = merge({{"a", R"({"$schema": "one"})"}, {"b", R"({"$schema": "two"})"}});
  EXPECT_THAT(merged.describe({}), IsEmpty());
  EXPECT_EQ(merged.root().at("$schema"), "one");
  EXPECT_THAT(merge_problems({{"a", R"({"$schema": "one"})"}, {"b", R"({"$schema": 2})"}}),
              SizeIs(1));
  EXPECT_THAT(
      merge_problems({{"a", R"({"x": {"$schema": ""}})"}, {"b", R"({"x": {"$schema": ""}})"}}),
      SizeIs(1));
}

TEST(split_json, the_text_of_one_file_is_its_own) {
  constexpr auto text = "{\"x\": 1.50, } // as it was written";
  EXPECT_EQ(merge({{"a", text}}).text(), text);
}

TEST(split_json, the_text_of_several_files_says_the_same) {
  const auto merged = merge({{"a", R"({"x": {"y": 0.1}, "deep": ["ä\n\""]})"},
                             {"b", R"({"x": {"z": 12345678901234567890}})"}});
  EXPECT_EQ(value_of_text(merged.text()), boost::json::value(merged.root()));
}

TEST(split_json, it_says_where_problems_were_left_out) {
  problem_list many(max_problems, {.pointer = "/x", .message = "wrong"});
  many.back().pointer = "/y";
  const auto lines = merge({{"a", R"({"x": 1})"}, {"b", R"({"y": 1})"}}).describe(many);
  ASSERT_THAT(lines, SizeIs(max_problems + 1));
  EXPECT_THAT(lines.back(), StartsWith("there may be more"));
}

}  // namespace
}  // namespace canaryd::text
