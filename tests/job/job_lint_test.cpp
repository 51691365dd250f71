// Job files that are allowed but hardly intended.
#include "canaryd/job/job_lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"
#include <string>
#include <vector>

namespace canaryd::job {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

text::problem_list warnings_of(const std::string& text, const call_budget& budget = {}) {
  const auto read = parse_job_file(text, rules);
  EXPECT_TRUE(read.has_value()) << text;
  return read ? lint_job(*read, text, budget) : text::problem_list{};
}

// A file with the required keys and these.
std::string file_with(const std::string& members) {
  const std::string start{smallest.substr(0, smallest.rfind('}'))};
  return start + ",\n" + members + "\n}";
}

TEST(job_lint, usual_files_are_left_in_peace) {
  EXPECT_THAT(warnings_of(std::string{smallest}), IsEmpty());
  for (const auto* example : {"minimal.json", "full.json", "stepped.json", "sequential.json"})
    EXPECT_THAT(warnings_of(read_example(example)), IsEmpty()) << example;
  EXPECT_THAT(warnings_of(file_with(R"("validation_interval": 30, "validation_duration": 300)")),
              IsEmpty());
}

struct odd_file {
  std::string members;
  std::string pointer;
  std::string message;
};

TEST(job_lint, each_odd_value_is_named_with_its_reason) {
  const std::vector<odd_file> files{
      {R"("rollback_thresholds": {"error_rate": 1})", "/rollback_thresholds/error_rate",
       "never be exceeded"},
      {R"("rollback_thresholds": {"error_rate": 0.6})", "/rollback_thresholds/error_rate",
       "more than half"},
      {R"("rollback_thresholds": {"error_rate": 0})", "/rollback_thresholds/error_rate",
       "first failed conversation"},
      {R"("rollback_thresholds": {"satisfaction_score": 0})",
       "/rollback_thresholds/satisfaction_score", "never"},
      {R"("rollback_thresholds": {"satisfaction_score": 5})",
       "/rollback_thresholds/satisfaction_score", "not perfect"},
      {R"("rollback_thresholds": {"max_latency_ms": 1.5})", "/rollback_thresholds/max_latency_ms",
       "did you mean seconds?"},
      {R"("rollback_thresholds": {"max_latency_ms": 60001})", "/rollback_thresholds/max_latency_ms",
       "more than a minute"},
      {R"("window_minutes": 16)", "/window_minutes", "the longest hold is 15m"},
      {R"("validation_interval": 500)", "/validation_duration", "has only 2 readings"},
      {R"("min_conversations": 0)", "/min_conversations", "a handful"},
      {R"("min_conversations": 751)", "/min_conversations", "1002 conversations a minute"},
      {R"("failure_limit": 16)", "/failure_limit", "16 breaches in a row take 16m"},
      {R"("no_data_limit": 16)", "/no_data_limit", "a hold of 15m has only 15 readings"},
      {R"("provider_error_limit": 31)", "/provider_error_limit", "take 31m"},
      {R"("max_extension": 0)", "/max_extension", "the same as rollback"},
      {R"("max_extension": 0, "on_inconclusive": "promote")", "/max_extension", "no time"},
      {R"("max_extension": 59)", "/max_extension", "no reading fits"},
      {R"("max_extension": 60, "on_inconclusive": "rollback")", "/max_extension", "no effect"},
      {R"("steps": [{"canary": 5, "hold": 100}, {"canary": 6}])", "/steps/0/hold",
       "has only 2 readings"},
      {R"("steps": [{"canary": 5, "hold": 120}, {"canary": 6}, {"canary": 7}],
          "validation_duration": 119, "max_extension": 60)",
       "/validation_duration", "has only 2 readings"},
      {R"("steps": [{"canary": 5, "hold": 900}], "validation_duration": 900,
          "max_extension": 900)",
       "/validation_duration", "every step has its own hold"},
      {R"("approve_promotion": true, "gate_timeout": 59)", "/gate_timeout",
       "59s is shorter than validation_interval (1m)"},
      {R"("steps": [{"canary": 5}, {"canary": 6, "approve": true}], "gate_timeout": 59)",
       "/gate_timeout", "times out before it has a reading of its own"},
      {R"("approve_promotion": true, "on_inconclusive": "promote")", "/on_inconclusive",
       "never promotes without data"},
  };
  for (const auto& [members, pointer, message] : files)
    EXPECT_THAT(warnings_of(file_with(members)), ElementsAre(problem_at(pointer, message)))
        << members;
}

TEST(job_lint, one_reading_is_one) {
  EXPECT_THAT(warnings_of(file_with(R"("no_data_limit": 2, "validation_interval": 900)")),
              testing::Contains(problem_at("/no_data_limit", "a hold of 15m has only 1 reading")));
}

TEST(job_lint, a_value_just_inside_is_left_in_peace) {
  for (const auto* members :
       {R"("validation_interval": 420, "failure_limit": 3)",
        R"("rollback_thresholds": {"error_rate": 0.5})",
        R"("rollback_thresholds": {"max_latency_ms": 60000})", R"("window_minutes": 15)",
        R"("validation_interval": 450)", R"("min_conversations": 750)", R"("failure_limit": 15)",
        R"("no_data_limit": 15)", R"("provider_error_limit": 30)", R"("max_extension": 60)",
        R"("max_extension": 0, "on_inconclusive": "rollback")",
        R"("steps": [{"canary": 5, "hold": 900}], "validation_duration": 900)",
        R"("steps": [{"canary": 5, "hold": 900}, {"canary": 6}], "max_extension": 60)",
        R"("approve_promotion": true, "gate_timeout": 60)", R"("gate_timeout": 59)",
        R"("on_inconclusive": "promote")",
        R"("approve_promotion": true, "on_inconclusive": "rollback")",
        R"("steps": [{"canary": 5}, {"canary": 6, "approve": true}],
            "on_inconclusive": "promote")"})
    EXPECT_THAT(warnings_of(file_with(members)), IsEmpty()) << members;
}

TEST(job_lint, most_of_the_traffic_is_no_canary) {
  const std::string text = R"({"bot_id": "b", "environment_id": "e", "version": "1",
    "traffic_matrix": {"stable": 49, "canary": 51}, "max_traffic_percentage": 60})";
  EXPECT_THAT(warnings_of(text), ElementsAre(problem_at("/traffic_matrix/canary", "51 %")));
}

TEST(job_lint, more_polls_than_the_budget_has_are_warned_of) {
  const auto text = file_with(R"("validation_interval": 5)");
  EXPECT_THAT(warnings_of(text, {.requests = 60, .per = std::chrono::minutes{5}}), IsEmpty());
  EXPECT_THAT(warnings_of(text, {.requests = 59, .per = std::chrono::minutes{5}}),
              ElementsAre(problem_at("/validation_interval", "60 polls in 5m")));
}

TEST(job_lint, both_polls_of_a_reading_against_the_stable_arm_count) {
  const auto text = file_with(R"("validation_interval": 5, "analysis": {"compare_to": "stable"})");
  EXPECT_THAT(warnings_of(text, {.requests = 120, .per = std::chrono::minutes{5}}), IsEmpty());
  EXPECT_THAT(warnings_of(text, {.requests = 119, .per = std::chrono::minutes{5}}),
              ElementsAre(problem_at("/validation_interval", "120 polls in 5m")));
}

TEST(job_lint, a_warning_has_the_place_of_its_value) {
  const auto warnings = warnings_of(file_with("\"failure_limit\":\n  99"));
  ASSERT_EQ(warnings.size(), 1);
  EXPECT_EQ(warnings[0].line, 6);
  EXPECT_EQ(warnings[0].column, 3);
}

TEST(job_lint, what_defaults_bring_is_said_of_the_whole_file) {
  auto with_defaults = rules;
  with_defaults.defaults = {{"max_extension", 0}};
  const std::string text{smallest};
  const auto read = parse_job_file(text, with_defaults);
  ASSERT_TRUE(read.has_value());
  const auto warnings = lint_job(*read, text, {});
  ASSERT_THAT(warnings, ElementsAre(problem_at("/max_extension", "rollback")));
  EXPECT_EQ(warnings[0].line, 1);
}

}  // namespace
}  // namespace canaryd::job
