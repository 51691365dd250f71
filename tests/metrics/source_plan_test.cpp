#include "source_plan.hpp"

#include <gtest/gtest.h>

#include "sample_query.hpp"

namespace canaryd::metrics {
namespace {

source odata(std::string name = "odata") {
  return {.name = std::move(name), .kind = odata_source{.url = "https://o.example/v2.4"}};
}

source splitter(std::string name = "splitter") {
  return {.name = std::move(name), .kind = splitter_source{}};
}

source desk() {
  return {.name = "desk",
          .kind = json_source{.url = *parse_url_template("https://h.example/"), .access = {}}};
}

sourced_metric slow_rate(double above_ms = 3000.0) {
  return {.name = "slow_rate",
          .source = "odata",
          .from = odata_metric{.figure = odata_figure::slow_rate, .above_ms = above_ms}};
}

sourced_metric words(std::string field, std::string word) {
  return {
      .name = "error_rate",
      .source = "odata",
      .from = odata_metric{
          .figure = odata_figure::word_rate, .field = std::move(field), .word = std::move(word)}};
}

sourced_metric pointers(std::string value, std::string count) {
  return {.name = "x",
          .source = "desk",
          .from = json_metric{.value = std::move(value), .count = std::move(count)}};
}

sourced_metric named(std::string name) {
  return {.name = std::move(name), .source = "splitter", .from = splitter_metric{}};
}

TEST(source_plan, what_fits_has_no_problem) {
  EXPECT_EQ(
      problem_with({odata(), splitter(), desk()}, {slow_rate(), words("custom10", "error"),
                                                   named("error_rate_5xx"), pointers("/a", "")}),
      "");
}

TEST(source_plan, what_does_not_fit_is_told) {
  EXPECT_EQ(problem_with({odata(), odata()}, {}), "the source \"odata\" is there twice");
  EXPECT_EQ(problem_with({odata()}, {slow_rate(), slow_rate()}),
            "the metric \"slow_rate\" is there twice");
  EXPECT_EQ(problem_with({splitter()}, {slow_rate()}),
            "the metric \"slow_rate\": there is no source \"odata\"");
  EXPECT_EQ(problem_with({splitter("odata")}, {slow_rate()}),
            "the metric \"slow_rate\": the source \"odata\" is of type splitter, and not odata");
  EXPECT_EQ(problem_with({odata()}, {slow_rate(0.0)}),
            "the metric \"slow_rate\": above_ms must be greater than 0");
  EXPECT_EQ(problem_with({odata()}, {words("custom11", "error")}),
            "the metric \"error_rate\": its field must be one of custom1 to custom10");
  EXPECT_EQ(problem_with({odata()}, {words("custom1", "")}),
            "the metric \"error_rate\": its word is empty");
  EXPECT_EQ(problem_with({desk()}, {pointers("a", "")}),
            "the metric \"x\": its value is no JSON pointer, which begins with \"/\"");
  EXPECT_EQ(problem_with({desk()}, {pointers("/a", "n")}),
            "the metric \"x\": its count is no JSON pointer, which begins with \"/\"");
}

TEST(source_plan, only_what_a_job_looks_at_is_asked_for) {
  const std::vector<std::string> further{"drift"};
  for (const auto* name : {"error_rate", "satisfaction_score", "avg_latency_ms",
                           "conversation_count", "satisfaction_count", "drift"})
    EXPECT_TRUE(is_wanted(named(name), further)) << name;
  EXPECT_FALSE(is_wanted(named("escalations"), further));
}

TEST(source_plan, a_source_that_lags_is_asked_for_an_older_window) {
  const auto asked = sample_query();
  const auto older = lagging(asked, std::chrono::minutes{45});
  EXPECT_EQ(older.from, asked.from - std::chrono::minutes{45});
  EXPECT_EQ(older.to, asked.to - std::chrono::minutes{45});
}

TEST(source_plan, findings_become_a_sample_with_the_counts_of_rates) {
  const auto error_rate = named("error_rate");
  const auto score = named("satisfaction_score");
  const auto latency = named("avg_latency_ms");
  const auto conversations = named("conversation_count");
  const auto slow = named("slow_rate");
  const auto absent = named("drift");
  const auto sample =
      merge_findings({{.metric = &error_rate, .found = measurement{.value = 0.05, .count = 60}},
                      {.metric = &score, .found = measurement{.value = 4.5, .count = 7}},
                      {.metric = &latency, .found = measurement{.value = 300.0, .count = 99}},
                      {.metric = &conversations, .found = measurement{.value = 55.0}},
                      {.metric = &slow, .found = measurement{.value = 0.5, .count = 98}},
                      {.metric = &absent, .found = std::nullopt}});
  ASSERT_TRUE(sample);
  EXPECT_EQ(*sample, (judge::metrics_sample{.error_rate = 0.05,
                                            .satisfaction_score = 4.5,
                                            .avg_latency_ms = 300.0,
                                            .conversation_count = 55,
                                            .satisfaction_count = 7,
                                            .further = {{"slow_rate", 0.5}},
                                            .counts = {{"error_rate", 60}, {"slow_rate", 98}}}));
}

TEST(source_plan, every_error_is_told_once) {
  const auto one = named("error_rate");
  const auto other = named("drift");
  const auto third = named("slow_rate");
  const error prom{.kind = fault::try_again, .text = "source prom: 503", .status = 503};
  const error desk_down{.kind = fault::lost, .text = "source desk: no answer"};
  const auto sample = merge_findings({{.metric = &one, .found = std::unexpected{prom}},
                                      {.metric = &other, .found = std::unexpected{prom}},
                                      {.metric = &third, .found = std::unexpected{desk_down}}});
  ASSERT_FALSE(sample);
  EXPECT_EQ(sample.error().kind, fault::try_again);
  EXPECT_EQ(sample.error().text, "source prom: 503; source desk: no answer");
}

}  // namespace
}  // namespace canaryd::metrics
