// Ways of judging that are allowed but hardly intended.
#include "canaryd/job/job_lint.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"
#include <algorithm>
#include <string>
#include <vector>

namespace canaryd::job {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

text::problem_list warnings_of_file(const std::string& text) {
  const auto read = parse_job_file(text, rules);
  EXPECT_TRUE(read.has_value()) << text;
  return read ? lint_job(*read, text, {}) : text::problem_list{};
}

text::problem_list warnings_of_analysis(const std::string& members) {
  return warnings_of_file(with("/analysis", "{" + members + "}"));
}

// A file whose canary gets all traffic in its second step.
std::string up_to_all(const std::string& analysis) {
  return fmt::format(R"({{"bot_id": "b", "environment_id": "e", "version": "1",
                          "max_traffic_percentage": 100,
                          "steps": [{{"canary": 5}}, {{"canary": 100}}], "analysis": {{{}}}}})",
                     analysis);
}

struct odd_analysis {
  std::string members;
  std::string pointer;
  std::string message;
};

TEST(job_lint_analysis, each_odd_value_is_named_with_its_reason) {
  const std::vector<odd_analysis> files{
      {R"("alpha": 0.01)", "/analysis/alpha", "method is threshold"},
      {R"("tolerated_ratio": 2)", "/analysis/tolerated_ratio", "compare_to is limit"},
      {R"("hard_limits": {"error_rate": 0.05})", "/analysis/hard_limits/error_rate",
       "0.05 is not past the limit of 0.05"},
      {R"("hard_limits": {"satisfaction_score": 3.5})", "/analysis/hard_limits/satisfaction_score",
       "not past the limit of 3.5"},
      {R"("hard_limits": {"max_latency_ms": 1999})", "/analysis/hard_limits/max_latency_ms",
       "not past the limit of 2000"},
      {R"("hard_limits": {"max_latency_ms": 9000}, "dry_run": ["avg_latency_ms"])",
       "/analysis/hard_limits/max_latency_ms", "avg_latency_ms is in dry_run"},
      {R"("failure_limits": {"error_rate": 2}, "dry_run": ["error_rate"])",
       "/analysis/failure_limits/error_rate", "in dry_run"},
      {R"("failure_limits": {"error_rate": 2}, "method": "sequential")",
       "/analysis/failure_limits/error_rate", "evidence decides"},
      {R"("failure_limits": {"error_rate": 16})", "/analysis/failure_limits/error_rate",
       "only 15 readings"},
      {R"("dry_run": ["error_rate", "satisfaction_score", "avg_latency_ms"])", "/analysis/dry_run",
       "nothing that is measured"},
      {R"("optional": ["avg_latency_ms", "error_rate"], "dry_run": ["error_rate"])",
       "/analysis/optional/1", "error_rate is in dry_run"},
      {R"("optional": ["error_rate", "avg_latency_ms"], "dry_run": ["satisfaction_score"])",
       "/analysis/optional", "nothing but the number of conversations"},
      {R"("method": "sequential", "promote_when": "proven", "dry_run": ["error_rate"],
           "optional": ["satisfaction_score"])",
       "/analysis/promote_when", "nothing has to be proven"},
      {R"("method": "sequential", "compare_to": "both", "promote_when": "proven")",
       "/analysis/promote_when", "a tolerated_ratio above 1"},
      {R"("method": "sequential", "compare_to": "stable", "promote_early": true)",
       "/analysis/promote_early", "a tolerated_ratio above 1"},
      {R"("method": "sequential", "promote_early": true,
           "dry_run": ["error_rate", "satisfaction_score"])",
       "/analysis/promote_early", "nothing has to be proven"},
      {R"("method": "sequential", "promote_when": "proven", "compare_to": "stable",
           "dry_run": ["error_rate"])",
       "/analysis/promote_when", "nothing has to be proven"},
      {R"("method": "sequential", "alpha": 9e-10)", "/analysis/alpha", "hardly ever gathered"},
      {R"("compare_to": "both", "tolerated_ratio": 100.1)", "/analysis/tolerated_ratio",
       "100.1 times what the stable arm has is hardly ever exceeded"},
  };
  for (const auto& [members, pointer, message] : files)
    EXPECT_THAT(warnings_of_analysis(members), ElementsAre(problem_at(pointer, message)))
        << members;
}

TEST(job_lint_analysis, a_value_just_inside_is_left_in_peace) {
  for (
      const auto* members :
      {"",
       R"("method": "sequential", "alpha": 0.01)",
       R"("compare_to": "stable", "tolerated_ratio": 2)",
       R"("hard_limits": {"error_rate": 0.051, "satisfaction_score": 3.4, "max_latency_ms": 2001})",
       R"("hard_limits": {"error_rate": 0.04}, "compare_to": "stable")",
       R"("failure_limits": {"error_rate": 15})",
       R"("failure_limits": {"avg_latency_ms": 2}, "method": "sequential")",
       R"("dry_run": ["error_rate", "satisfaction_score"])",
       R"("optional": ["error_rate", "satisfaction_score"])",
       R"("dry_run": ["error_rate", "satisfaction_score", "avg_latency_ms"],
           "checks": [{"metric": "a", "max": 1}, {"metric": "b", "max": 1}], "optional": ["a"])",
       R"("method": "sequential", "promote_when": "proven", "optional": ["satisfaction_score"])",
       R"("dry_run": ["error_rate", "satisfaction_score", "avg_latency_ms"],
           "checks": [{"metric": "a", "max": 1}])",
       R"("method": "sequential", "promote_when": "proven")",
       R"("method": "sequential", "promote_early": true, "dry_run": ["error_rate"])",
       R"("method": "sequential", "promote_early": true, "dry_run": ["satisfaction_score"])",
       R"("method": "sequential", "compare_to": "both", "promote_early": true,
           "dry_run": ["error_rate"])",
       R"("method": "sequential", "dry_run": ["error_rate", "satisfaction_score"])",
       R"("method": "sequential", "alpha": 1e-9)",
       R"("compare_to": "stable", "tolerated_ratio": 100)",
       R"("method": "sequential", "compare_to": "both", "promote_when": "proven",
           "tolerated_ratio": 1.1)"})
    EXPECT_THAT(warnings_of_analysis(members), IsEmpty()) << members;
}

TEST(job_lint_analysis, promoting_without_data_goes_round_the_proof) {
  const auto text = [](const std::string& analysis) {
    return fmt::format(R"({{"bot_id": "b", "environment_id": "e", "version": "1",
        "traffic_matrix": {{"stable": 95, "canary": 5}}, "max_traffic_percentage": 10,
        "on_inconclusive": "promote", "analysis": {{"method": "sequential"{}}}}})",
                       analysis);
  };
  EXPECT_THAT(warnings_of_file(text(R"(, "promote_when": "proven")")),
              ElementsAre(problem_at("/on_inconclusive", "nothing is proven")));
  EXPECT_THAT(warnings_of_file(text("")), IsEmpty());
}

TEST(job_lint_analysis, a_limit_at_the_end_of_its_scale_can_never_be_proven) {
  const auto proving = [](const std::string& limit, const std::string& analysis) {
    const std::string start{smallest.substr(0, smallest.rfind('}'))};
    const auto warnings = warnings_of_file(fmt::format(
        R"({}, "rollback_thresholds": {{{}}},
            "analysis": {{"method": "sequential", "tolerated_ratio": 2, {}}}}})",
        start, limit, analysis));
    return std::ranges::count_if(warnings, [](const text::problem& found) {
      return found.message.contains("never be proven");
    });
  };
  for (const auto* limit : {R"("error_rate": 0)", R"("satisfaction_score": 5)"}) {
    for (const auto* analysis :
         {R"("promote_when": "proven")", R"("promote_early": true, "compare_to": "both")"})
      EXPECT_EQ(proving(limit, analysis), 1) << limit << analysis;
    EXPECT_EQ(proving(limit, R"("promote_early": true, "compare_to": "stable")"), 0) << limit;
    EXPECT_EQ(proving(limit, R"("alpha": 0.01)"), 0) << limit;
  }
  EXPECT_EQ(proving(R"("error_rate": 0)", R"("promote_early": true, "dry_run": ["error_rate"])"),
            0);
  EXPECT_EQ(
      proving(R"("error_rate": 1e-4, "satisfaction_score": 4.99)", R"("promote_when": "proven")"),
      0);
}

TEST(job_lint_analysis, all_of_the_traffic_leaves_nothing_to_compare_with) {
  EXPECT_THAT(warnings_of_file(up_to_all(R"("compare_to": "stable")")),
              ElementsAre(problem_at("/steps/1/canary", "no stable arm")));
  EXPECT_THAT(warnings_of_file(up_to_all("")), IsEmpty());
}

TEST(job_lint_analysis, a_window_has_no_effect_where_all_conversations_count) {
  const std::string text = R"({"bot_id": "b", "environment_id": "e", "version": "1",
    "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10,
    "window_minutes": 20, "analysis": {"method": "sequential"}})";
  EXPECT_THAT(warnings_of_file(text),
              ElementsAre(problem_at("/window_minutes", "sequential method")));
}

TEST(job_lint_analysis, conversations_are_waited_for_over_the_whole_hold_where_all_count) {
  const auto text = [](const std::string& method) {
    return fmt::format(R"({{"bot_id": "b", "environment_id": "e", "version": "1",
      "traffic_matrix": {{"stable": 95, "canary": 5}}, "max_traffic_percentage": 10,
      "validation_duration": "1h", "min_conversations": 3000, "analysis": {{"method": "{}"}}}})",
                       method);
  };
  EXPECT_THAT(warnings_of_file(text("threshold")),
              ElementsAre(problem_at("/min_conversations", "4000 conversations a minute")));
  EXPECT_THAT(warnings_of_file(text("sequential")), IsEmpty());
}

}  // namespace
}  // namespace canaryd::job
