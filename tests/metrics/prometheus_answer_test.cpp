#include "prometheus_answer.hpp"

#include <gtest/gtest.h>

namespace canaryd::metrics {
namespace {

std::string with_result(std::string_view type, std::string_view result) {
  return R"({"status":"success","data":{"resultType":")" + std::string{type} + R"(","result":)" +
         std::string{result} + "}}";
}

std::string vector_of(std::string_view samples) {
  return with_result("vector", samples);
}

std::string sample(std::string_view value) {
  return vector_of(R"([{"metric":{},"value":[1767225600.0,")" + std::string{value} + R"("]}])");
}

std::string problem(std::string_view body) {
  const auto value = parse_prometheus(body);
  return value ? "none" : value.error();
}

TEST(prometheus_answer, the_only_sample_is_the_value) {
  EXPECT_EQ(parse_prometheus(sample("0.025")), text::decimal{0.025});
  EXPECT_EQ(parse_prometheus(sample("0")), text::decimal{0.0});
  EXPECT_EQ(parse_prometheus(sample("-1.5e-07")), text::decimal{-1.5e-07});
  EXPECT_EQ(parse_prometheus(with_result("scalar", R"([1767225600.0,"3"])")), text::decimal{3.0});
}

TEST(prometheus_answer, no_sample_is_no_data) {
  EXPECT_EQ(parse_prometheus(vector_of("[]")), std::nullopt);
}

TEST(prometheus_answer, nan_is_no_data) {
  EXPECT_EQ(parse_prometheus(sample("NaN")), std::nullopt);
}

TEST(prometheus_answer, infinity_is_an_error) {
  EXPECT_EQ(problem(sample("+Inf")), "the value is +Inf");
  EXPECT_EQ(problem(sample("-Inf")), "the value is -Inf");
  EXPECT_EQ(problem(sample("1e999")), "the value is over the range of a double");
}

TEST(prometheus_answer, several_samples_are_an_error) {
  EXPECT_EQ(problem(vector_of(R"([{"value":[1,"1"]},{"value":[1,"2"]}])")),
            "2 samples, where the query must give exactly one");
}

TEST(prometheus_answer, warnings_are_passed_over) {
  EXPECT_EQ(parse_prometheus(R"({"status":"success","warnings":["slow"],"infos":["x"],)"
                             R"("data":{"resultType":"vector","result":[{"value":[1,"1"]}]}})"),
            text::decimal{1.0});
}

TEST(prometheus_answer, a_status_of_error_tells_why) {
  EXPECT_EQ(problem(R"({"status":"error","errorType":"timeout","error":"query timed out"})"),
            "the status is \"error\": timeout: query timed out");
}

TEST(prometheus_answer, other_results_are_errors) {
  EXPECT_EQ(problem(with_result("matrix", R"([{"values":[[1,"1"]]}])")),
            "the query gives a matrix, and not a single number");
  EXPECT_EQ(problem(with_result("string", R"([1,"x"])")),
            "the query gives a string, and not a single number");
  EXPECT_EQ(problem(vector_of(R"([{"histogram":[1,{"count":"3"}]}])")),
            "the sample has no plain value");
}

TEST(prometheus_answer, whatever_is_no_such_answer_is_an_error) {
  for (const auto* body :
       {"", "no healthy upstream", "[]", "null", "{}", R"({"status":"success"})",
        R"({"status":"success","data":{}})",
        R"({"status":"success","data":{"resultType":"vector"}})",
        R"({"data":{"resultType":"vector","result":[]}})",
        R"({"status":"success","status":"error","data":{"resultType":"vector","result":[]}})"})
    EXPECT_FALSE(parse_prometheus(body)) << body;
  for (const auto* value : {"", "1,5", "0x1", "1 ", "one", "null", "\\\"1\\\"", "nan"})
    EXPECT_FALSE(parse_prometheus(sample(value))) << value;
  for (const auto* samples : {"[1]", R"([{"value":"1"}])", R"([{"value":[1]}])",
                              R"([{"value":[1,1]}])", R"([{"value":[1,null]}])"})
    EXPECT_FALSE(parse_prometheus(vector_of(samples))) << samples;
}

}  // namespace
}  // namespace canaryd::metrics
