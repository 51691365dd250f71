#include "json_source.hpp"

#include "canaryd/metrics/json_pointer.hpp"

#include <gtest/gtest.h>

namespace canaryd::metrics {
namespace {

measured read(std::string_view body, std::string_view value = "/a/rate",
              std::string_view count = "") {
  platform::json_answer answer{body};
  return read_json_source(answer, value, count);
}

measured found(double value, std::optional<std::int64_t> count = std::nullopt) {
  return measurement{.value = value, .count = count};
}

TEST(json_source, pointers_lead_to_value_and_count) {
  const auto* const body = R"({"a":{"rate":0.25,"n":[7,12]}})";
  EXPECT_EQ(read(body), found(0.25));
  EXPECT_EQ(read(body, "/a/rate", "/a/n/1"), found(0.25, 12));
  EXPECT_EQ(read("3.5", ""), found(3.5));
  EXPECT_EQ(read(R"({"a/b":{"~":1}})", "/a~1b/~0"), found(1.0));
}

TEST(json_source, what_is_absent_or_null_is_no_data) {
  const measured no_data = std::nullopt;
  EXPECT_EQ(read("{}"), no_data);
  EXPECT_EQ(read(R"({"a":{"rate":null}})"), no_data);
  EXPECT_EQ(read(R"({"a":null})"), no_data);
  EXPECT_EQ(read(R"({"a":"down"})"), no_data);
  EXPECT_EQ(read(R"({"a":{"rate":0.5,"n":null}})", "/a/rate", "/a/n"), no_data);
  EXPECT_EQ(read(R"({"a":{"rate":0.5}})", "/a/rate", "/a/n"), no_data);
  EXPECT_EQ(read(R"({"a":{"rate":0,"n":0}})", "/a/rate", "/a/n"), no_data);
}

TEST(json_source, what_is_no_number_is_an_error) {
  for (const auto* rate : {R"("0.5")", "true", "{}", "[]", R"("NaN")"})
    EXPECT_FALSE(read(R"({"a":{"rate":)" + std::string{rate} + "}}")) << rate;
  EXPECT_FALSE(read(R"({"a":{"rate":0.5,"n":"7"}})", "/a/rate", "/a/n"));
  EXPECT_FALSE(read(R"({"a":{"rate":0.5,"n":7.5}})", "/a/rate", "/a/n"));
}

TEST(json_source, a_body_of_no_use_is_an_error) {
  for (const auto* body : {"", "<html>", "{", R"({"a":1,"a":2})", R"({"a":{"rate":1e999}})", "NaN"})
    EXPECT_FALSE(read(body)) << body;
}

TEST(json_source, numbers_are_read_to_the_last_digit) {
  const auto told = read(R"({"a":{"rate":0.0500000000000000000001}})");
  ASSERT_TRUE(told && *told);
  EXPECT_GT(text::compare((*told)->value, 0.05), 0);
}

TEST(json_source, pointers_are_checked) {
  for (const auto* good : {"", "/", "/a", "/a/0/b", "/a~0b~1c"})
    EXPECT_TRUE(is_json_pointer(good)) << good;
  for (const auto* bad : {"a", "#/a", "/a~", "/a~2", "$.a"})
    EXPECT_FALSE(is_json_pointer(bad)) << bad;
}

}  // namespace
}  // namespace canaryd::metrics
