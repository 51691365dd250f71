#include "canaryd/job/job_file.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"

namespace canaryd::job {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

TEST(job_file, defaults_of_the_configuration_fill_in_what_a_file_leaves_out) {
  auto with_defaults = rules;
  with_defaults.defaults = boost::json::parse(R"({"validation_interval": "2m", "failure_limit": 3,
                             "rollback_thresholds": {"error_rate": 0.02, "max_latency_ms": 900},
                             "labels": {"site": "eu", "team": "any"}})")
                               .get_object();
  const auto parsed = parse_job_file(R"({
    "bot_id": "b", "environment_id": "e", "version": "1", "max_traffic_percentage": 10,
    "traffic_matrix": {"stable": 95, "canary": 5},
    "failure_limit": 2, "rollback_thresholds": {"error_rate": 0.01}, "labels": {"team": "blue"}
  })",
                                     with_defaults);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->validation_interval, 2min);
  EXPECT_EQ(parsed->failure_limit, 2);
  EXPECT_EQ(parsed->rollback_thresholds.error_rate, 0.01);
  EXPECT_EQ(parsed->rollback_thresholds.satisfaction_score, 3.5);
  EXPECT_EQ(parsed->rollback_thresholds.max_latency_ms, 900);
  EXPECT_THAT(parsed->labels, testing::UnorderedElementsAre(testing::Pair("team", "blue"),
                                                            testing::Pair("site", "eu")));
}

TEST(job_file, defaults_are_held_to_the_rules_of_job_files) {
  const auto check = [](std::string_view text) {
    return check_job_defaults({.defaults = boost::json::parse(text).get_object()});
  };
  EXPECT_THAT(check("{}"), SizeIs(0));
  EXPECT_THAT(check(R"({"failure_limit": 2, "webhook_url": "https://example.com/"})"), SizeIs(0));
  EXPECT_THAT(check(R"({"validation_interval": "20m"})"), SizeIs(0));
  EXPECT_THAT(check(R"({"failure_limit": 0, "rollback_thresholds": {"error_rate": 2}})"),
              ElementsAre(problem_at("/defaults/rollback_thresholds/error_rate", "found 2"),
                          problem_at("/defaults/failure_limit", "found 0")));
  EXPECT_THAT(check(R"({"bot_id": "b"})"),
              ElementsAre(problem_at("/defaults/bot_id", "has no default")));
  EXPECT_THAT(check(R"({"failure_limits": 1})"),
              ElementsAre(problem_at("/defaults/failure_limits", R"("failure_limit")")));
  EXPECT_THAT(check(R"({"validation_interval": 1})"),
              ElementsAre(problem_at("/defaults/validation_interval", "from 5s to 30d")));
  EXPECT_THAT(check(R"({"validation_interval": "20m", "validation_duration": "10m"})"),
              ElementsAre(problem_at("/defaults/validation_duration", "found 10m")));
}

TEST(job_file, defaults_may_say_steps_and_how_readings_are_judged) {
  auto with_defaults = rules;
  with_defaults.defaults = boost::json::parse(R"({
    "steps": [{"canary": 5}, {"canary": 10, "hold": "30m", "approve": true}],
    "approve_promotion": true,
    "analysis": {"method": "sequential", "hard_limits": {"error_rate": 0.5}}})")
                               .get_object();
  ASSERT_THAT(check_job_defaults(with_defaults), SizeIs(0));
  const auto parsed = parse_job_file(R"({
    "bot_id": "b", "environment_id": "e", "version": "1", "max_traffic_percentage": 10,
    "validation_duration": "10m",
    "analysis": {"alpha": 0.01, "hard_limits": {"max_latency_ms": 5000}}
  })",
                                     with_defaults);
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->steps, ElementsAre(traffic_step{5, 10min}, traffic_step{10, 30min, true}));
  EXPECT_TRUE(parsed->approve_promotion);
  EXPECT_EQ(parsed->analysis.method, judging_method::sequential);
  EXPECT_EQ(parsed->analysis.alpha, 0.01);
  EXPECT_EQ(parsed->analysis.hard, (hard_limits{.error_rate = 0.5, .max_latency_ms = 5000}));
}

TEST(job_file, defaults_of_steps_and_judging_are_held_to_their_rules) {
  const auto check = [](std::string_view text, duration unit = 1min) {
    return check_job_defaults(
        {.window_unit = unit, .defaults = boost::json::parse(text).get_object()});
  };
  EXPECT_THAT(check(R"({"steps": [{"canary": 6}, {"canary": 5}]})"),
              ElementsAre(problem_at("/defaults/steps/1/canary", "here 6")));
  EXPECT_THAT(check(R"({"steps": [{"canary": 5, "hold": "30s"}]})"), SizeIs(0))
      << "a file may have a shorter interval";
  EXPECT_THAT(check(R"({"steps": [{"canary": 5, "hold": "30s"}], "validation_interval": "31s"})"),
              ElementsAre(problem_at("/defaults/steps/0/hold", "validation_interval, here 31s")));
  EXPECT_THAT(check(R"({"analysis": {"dry_run": ["handovers"]}})"),
              ElementsAre(problem_at("/defaults/analysis/dry_run/0", "no metric")));
  constexpr auto* half_minute =
      R"({"analysis": {"method": "sequential"}, "validation_interval": 30})";
  EXPECT_THAT(check(half_minute),
              ElementsAre(problem_at("/defaults/validation_interval", "multiples of 1m")));
  EXPECT_THAT(check(half_minute, 1s), SizeIs(0));
  EXPECT_THAT(check(R"({"analysis": {"method": "sequential"}, "validation_duration": 90})"),
              ElementsAre(problem_at("/defaults/validation_duration", "multiples of 1m")));
}

}  // namespace
}  // namespace canaryd::job
