#include "canaryd/text/json_text.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace canaryd::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t limit = 1024;

problem refusal(std::string_view text) {
  const auto parsed = parse_operator_json(text, limit);
  return parsed ? problem{} : parsed.error();
}

TEST(json_text, comments_a_trailing_comma_and_a_byte_order_mark_are_accepted) {
  const auto parsed = parse_operator_json(
      "\xEF\xBB\xBF// a job\n{ \"a\": 1, /* { \"a\": */ \"b\": [1, 2,], }\n// end", limit);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->root, boost::json::parse(R"({"a": 1, "b": [1, 2]})"));
  EXPECT_TRUE(parsed->problems.empty());
}

TEST(json_text, what_is_not_json_is_refused) {
  for (const auto text : {""sv,
                          " \n"sv,
                          "\xEF\xBB\xBF"sv,
                          "// nothing"sv,
                          "{"sv,
                          "{\"a\":"sv,
                          "{\"a\":1"sv,
                          "[1,,]"sv,
                          "[,]"sv,
                          "{a:1}"sv,
                          "{'a':1}"sv,
                          "[1 2]"sv,
                          "[01]"sv,
                          "[+1]"sv,
                          "[.5]"sv,
                          "[0x1]"sv,
                          "[NaN]"sv,
                          "[Infinity]"sv,
                          "[-Infinity]"sv,
                          "[tru]"sv,
                          "{} {}"sv,
                          "{} x"sv,
                          "[\"a\nb\"]"sv,
                          "[\"\\x\"]"sv,
                          "[\"\\ud800\"]"sv,
                          "\0"sv,
                          "{\"a\0b\":1}"sv,
                          "{}\0"sv,
                          "[\"\xFF\"]"sv,
                          "\x7F"
                          "ELF\x02\x01"sv,
                          "{} /* open"sv,
                          "\xFF\xFE{\0}\0"sv})
    EXPECT_FALSE(refusal(text).message.empty()) << text;
}

TEST(json_text, a_comment_begins_and_ends_where_it_says) {
  const auto parsed = parse_operator_json(
      "{\"a\": \"/* // \\\" */\", /*/ \"a\": 2, */ \"b\": 3 /**/ //}\n}", limit);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->root, boost::json::parse(R"({"a": "/* // \" */", "b": 3})"));
  EXPECT_TRUE(parsed->problems.empty());
  const auto twice = parse_operator_json("{\"a\": 1, /*/ \"x\": 2, */ \"a\": 3}", limit);
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->problems.size(), 1U);
}

TEST(json_text, a_slash_that_begins_no_comment_is_refused_at_its_place) {
  for (const auto text : {"{\n/\n}"sv, "{\n/* open"sv, "[\n/x]"sv, "{\"a\":\n/1}"sv, "\n/"sv}) {
    const auto found = refusal(text);
    EXPECT_TRUE(found.message.contains("\"/")) << found.message;
    EXPECT_EQ(found.line, 2U) << text;
    EXPECT_EQ(found.column, 1U) << text;
  }
}

TEST(json_text, a_syntax_error_says_line_and_column) {
  const auto comma = refusal("{\n  \"ä\": 1\n  \"b\": 2\n}");
  EXPECT_EQ(comma.line, 3U);
  EXPECT_EQ(comma.column, 3U);
  EXPECT_TRUE(comma.message.contains(R"("b": 2)")) << comma.message;
  const auto behind_umlaut = refusal("[\"ä\" 1]");
  EXPECT_EQ(behind_umlaut.line, 1U);
  EXPECT_EQ(behind_umlaut.column, 6U);
  const auto cut = refusal("{\n\"a\": [1,");
  EXPECT_EQ(cut.line, 2U);
  EXPECT_EQ(cut.column, 9U);
  const auto rest = refusal("{}\n x");
  EXPECT_EQ(rest.line, 2U);
  EXPECT_EQ(rest.column, 2U);
  const auto binary = refusal("[\n\"\xC3(\"]");
  EXPECT_EQ(binary.line, 2U);
  EXPECT_EQ(binary.column, 2U);
}

TEST(json_text, a_text_over_the_limit_is_refused) {
  const std::string padding(limit - 2, ' ');
  EXPECT_TRUE(parse_operator_json("{}" + padding, limit));
  EXPECT_TRUE(refusal("{} " + padding).message.contains("1025 bytes"));
}

TEST(json_text, nesting_is_limited) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_operator_json(nested(32), limit));
  EXPECT_TRUE(refusal(nested(33)).message.contains("32 levels"));
  const auto deep = nested(100'000);
  EXPECT_FALSE(parse_operator_json(deep, deep.size()));
  std::string objects;
  for (int i = 0; i < 100'000; ++i)
    objects += "{\"a\":";
  EXPECT_FALSE(parse_operator_json(objects, objects.size()));
}

TEST(json_text, every_prefix_of_a_document_is_refused_or_read_without_harm) {
  const std::string text =
      R"(/*x*/{"a\u00e9": [1.5e3, "b\n\\\"", {"c": null}], "d": true, } // end)";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto prefix = text.substr(0, size);
    const bool whole = size > text.rfind('}');
    EXPECT_EQ(parse_operator_json(prefix, limit).has_value(), whole && !prefix.ends_with(" /"))
        << prefix;
    find_duplicate_key(prefix);
    problem_list problems{{.pointer = "/d", .message = {}}};
    locate(problems, prefix);
  }
}

TEST(json_text, every_duplicate_key_is_a_problem_with_its_place) {
  const auto parsed = parse_operator_json(R"({
  "a": 1,
  "b": {"x": 1, "x": 2},
  "\u0061": 3,
  "c": [{"y": 1}, {"y": 1, "y": 2, "y": 3}]
})",
                                          limit);
  ASSERT_TRUE(parsed);
  const problem_list expected{
      {.pointer = "/b/x", .message = "duplicate key", .line = 3, .column = 17},
      {.pointer = "/a", .message = "duplicate key", .line = 4, .column = 3},
      {.pointer = "/c/1/y", .message = "duplicate key", .line = 5, .column = 28},
      {.pointer = "/c/1/y", .message = "duplicate key", .line = 5, .column = 36}};
  EXPECT_EQ(parsed->problems, expected);
}

TEST(json_text, the_same_key_in_different_objects_is_no_duplicate) {
  const auto parsed = parse_operator_json(
      R"({"a": {"a": "a"}, "b": [{"a": 1}, {"a": 2}], "c": "\"a\": 1, \"a\": 2" /* "b": 1 */})",
      limit);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->problems.empty());
}

TEST(json_text, duplicates_are_collected_up_to_a_limit) {
  std::string text = "{";
  for (int i = 0; i < 10'000; ++i)
    text += "\"a\":1,";
  text += "}";
  const auto parsed = parse_operator_json(text, text.size());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->problems.size(), max_problems);
}

TEST(json_text, problems_get_line_and_column_of_their_pointer) {
  const std::string text =
      "// jobs\n{\n  \"a/b\": {\"~\": [1,\n    {\"ü\": \"x\", \"y\": 2}]},\n"
      "  \"last\": 1 }";
  problem_list problems{{.pointer = "/last", .message = {}},
                        {.pointer = "/a~1b/~0/1/y", .message = {}},
                        {.pointer = "/a~1b/~0/0", .message = {}},
                        {.pointer = "/a~1b/missing/deep", .message = {}},
                        {.pointer = "", .message = {}}};
  locate(problems, text);
  const problem_list expected{
      {.pointer = "", .message = {}, .line = 2, .column = 1},
      {.pointer = "/a~1b/missing/deep", .message = {}, .line = 3, .column = 10},
      {.pointer = "/a~1b/~0/0", .message = {}, .line = 3, .column = 17},
      {.pointer = "/a~1b/~0/1/y", .message = {}, .line = 4, .column = 21},
      {.pointer = "/last", .message = {}, .line = 5, .column = 11}};
  EXPECT_EQ(problems, expected);
}

TEST(json_text, a_problem_is_described_with_file_line_and_column) {
  EXPECT_EQ(describe({.pointer = "/a", .message = "found 1", .line = 4, .column = 12}, "x.json"),
            "x.json:4:12: /a: found 1");
  EXPECT_EQ(describe({.pointer = "", .message = "empty"}, "x.json"), "x.json: empty");
  EXPECT_EQ(describe({.pointer = "", .message = "empty"}, "\x1b[31mx.json"), "?[31mx.json: empty");
}

TEST(find_duplicate_key, names_a_key_that_stands_twice_in_one_object) {
  EXPECT_EQ(find_duplicate_key(R"({"error_rate": 0.1, "n": 2, "error_rate": 0.9})"), "error_rate");
  EXPECT_EQ(find_duplicate_key(R"({"items": [{"a": 1}, {"b": 1, "c": {"d": 1, "d": 2}}]})"), "d");
  EXPECT_EQ(find_duplicate_key(R"({"a": {"b": 1}, "a": 2})"), "a");
  EXPECT_EQ(find_duplicate_key(R"({"a": 1, "\u0061": 2})"), "a");
  EXPECT_EQ(find_duplicate_key(R"({"a\"": 1, "a\"": 2})"), "a\"");
  EXPECT_EQ(find_duplicate_key(R"([{"": 1, "": 2}])"), "");
}

TEST(find_duplicate_key, is_not_misled_by_values_and_nested_objects) {
  for (const auto text :
       {"{}"sv, "[]"sv, "1"sv, ""sv, R"({"a": "a", "b": "a"})"sv, R"({"a": {"a": {"a": 1}}})"sv,
        R"([{"a": 1}, {"a": 1}])"sv, R"({"a": "{\"b\":1,\"b\":2}"})"sv,
        R"({"a": ["b", "b"], "b": ["a"]})"sv, R"({"a\\": 1, "a": 2})"sv})
    EXPECT_EQ(find_duplicate_key(text), std::nullopt) << text;
}

TEST(find_duplicate_key, finds_one_among_many_keys) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i)
    text += "\"key" + std::to_string(i) + "\":1,";
  EXPECT_EQ(find_duplicate_key(text + "\"z\":1}"), std::nullopt);
  EXPECT_EQ(find_duplicate_key(text + "\"key777\":1}"), "key777");
}

TEST(find_duplicate_key, gives_up_quietly_on_what_is_not_json) {
  for (const auto text : {"}"sv, "]]"sv, "{\"a"sv, "{\"a\\"sv, "{\"a\\u"sv, "\"\\"sv, "{{{{"sv,
                          "/*"sv, "/"sv, "{\"a\\q\":1,\"a\\q\":2"sv, "\0\xFF"sv})
    EXPECT_EQ(find_duplicate_key(text), std::nullopt) << text;
  EXPECT_EQ(find_duplicate_key(std::string(1'000'000, '{')), std::nullopt);
  EXPECT_EQ(find_duplicate_key(std::string(1'000'000, '[')), std::nullopt);
}

}  // namespace
}  // namespace canaryd::text
