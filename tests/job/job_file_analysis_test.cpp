// How a job file says its readings are judged.
#include "canaryd/job/job_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"
#include <string>

namespace canaryd::job {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::string analysed(std::string_view analysis) {
  return with("/analysis", analysis);
}

// A file with the sequential method and these keys beside it.
std::string sequential(const std::string& members) {
  const std::string start{smallest.substr(0, smallest.rfind('}'))};
  return start + R"(, "analysis": {"method": "sequential"}, )" + members + "}";
}

job_rules with_unit(duration unit) {
  auto changed = rules;
  changed.window_unit = unit;
  return changed;
}

TEST(job_file_analysis, is_held_against_the_limits_where_it_is_left_out) {
  EXPECT_EQ(parse_job_file(smallest, rules)->analysis, analysis_rules{});
  EXPECT_EQ(parse_job_file(analysed("{}"), rules)->analysis, analysis_rules{});
}

TEST(job_file_analysis, is_read) {
  const auto parsed = parse_job_file(analysed(R"({
    "method": "sequential", "compare_to": "both", "alpha": 0.01, "tolerated_ratio": 1.5,
    "promote_when": "proven", "promote_early": true,
    "hard_limits": {"error_rate": 0.5, "max_latency_ms": 9000},
    "failure_limits": {"handovers": 4, "avg_latency_ms": 3},
    "dry_run": ["answers", "satisfaction_score"],
    "optional": ["satisfaction_score", "handovers"],
    "checks": [{"metric": "handovers", "max": 0.25}, {"metric": "answers", "min": -1}]
  })"),
                                     rules);
  ASSERT_TRUE(parsed);
  const auto& read = parsed->analysis;
  EXPECT_EQ(read.method, judging_method::sequential);
  EXPECT_EQ(read.compare_to, comparison::both);
  EXPECT_EQ(read.alpha, 0.01);
  EXPECT_EQ(read.tolerated_ratio, 1.5);
  EXPECT_EQ(read.promote_when, promotion_rule::proven);
  EXPECT_TRUE(read.promote_early);
  EXPECT_EQ(read.hard, (hard_limits{.error_rate = 0.5, .max_latency_ms = 9000}));
  EXPECT_THAT(read.failure_limits, ElementsAre(Pair("handovers", 4), Pair("avg_latency_ms", 3)));
  EXPECT_THAT(read.dry_run, ElementsAre("answers", "satisfaction_score"));
  EXPECT_THAT(read.optional, ElementsAre("satisfaction_score", "handovers"));
  EXPECT_THAT(read.checks, ElementsAre(metric_check{.metric = "handovers", .limit = 0.25},
                                       metric_check{"answers", -1, true}));
}

TEST(job_file_analysis, unknown_keys_name_the_nearest_known_one) {
  EXPECT_THAT(problems_of(with("/analysis/methods", "1")),
              ElementsAre(problem_at("/analysis/methods", R"("method")")));
  EXPECT_THAT(problems_of(with("/analysis/hard_limits/max_latency", "1")),
              ElementsAre(problem_at("/analysis/hard_limits/max_latency", R"("max_latency_ms")")));
}

TEST(job_file_analysis, only_metrics_that_are_judged_have_a_failure_limit) {
  EXPECT_THAT(
      problems_of(analysed(R"({"failure_limits": {"eror_rate": 2}})")),
      ElementsAre(problem_at("/analysis/failure_limits/eror_rate", "did you mean error_rate?")));
  EXPECT_THAT(
      problems_of(analysed(R"({"failure_limits": {"handovers": 2}})")),
      ElementsAre(problem_at("/analysis/failure_limits/handovers",
                             "the job judges error_rate, satisfaction_score, avg_latency_ms")));
  EXPECT_THAT(problems_of(analysed(R"({"failure_limits": {"handovers": 2},
                                       "checks": [{"metric": "handovers", "max": 3}]})")),
              SizeIs(0));
}

TEST(job_file_analysis, failure_limits_are_at_most_those_of_all_metrics) {
  std::string limits;
  for (int i = 0; i < 20; ++i)
    limits += fmt::format(R"({}"m{}": 1)", i == 0 ? "" : ", ", i);
  EXPECT_THAT(problems_of(analysed(fmt::format(R"({{"failure_limits": {{{}}}}})", limits))),
              ElementsAre(problem_at("/analysis/failure_limits",
                                     "found 20 metrics, allowed are at most 19")));
}

TEST(job_file_analysis, only_metrics_that_are_judged_run_dry_and_only_once) {
  EXPECT_THAT(problems_of(analysed(R"({"dry_run": ["error_rate", "eror_rate"]})")),
              ElementsAre(problem_at("/analysis/dry_run/1", "did you mean error_rate?")));
  EXPECT_THAT(problems_of(analysed(R"({"dry_run": ["x"]})")),
              ElementsAre(problem_at("/analysis/dry_run/0", "the job judges error_rate, ")));
  EXPECT_THAT(problems_of(analysed(R"({"dry_run": ["error_rate", "error_rate"]})")),
              ElementsAre(problem_at("/analysis/dry_run/1", "already listed")));
  EXPECT_THAT(problems_of(analysed(R"({"dry_run": [""]})")),
              ElementsAre(problem_at("/analysis/dry_run/0", "the name of a metric")));
  EXPECT_THAT(problems_of(analysed(R"({"dry_run": ["handovers"],
                                       "checks": [{"metric": "handovers", "max": 3}]})")),
              SizeIs(0));
}

TEST(job_file_analysis, only_metrics_that_are_judged_are_optional_and_only_once) {
  EXPECT_THAT(problems_of(analysed(R"({"optional": ["error_rate", "satisfaction"]})")),
              ElementsAre(problem_at("/analysis/optional/1", "did you mean satisfaction_score?")));
  EXPECT_THAT(problems_of(analysed(R"({"optional": ["error_rate", "error_rate"]})")),
              ElementsAre(problem_at("/analysis/optional/1", "already listed")));
  EXPECT_THAT(problems_of(analysed(R"({"optional": ["handovers", 5],
                                       "checks": [{"metric": "handovers", "max": 3}]})")),
              ElementsAre(problem_at("/analysis/optional/1", "found 5")));
  EXPECT_THAT(problems_of(analysed(R"({"optinal": []})")),
              ElementsAre(problem_at("/analysis/optinal", R"("optional")")));
}

TEST(job_file_analysis, all_metrics_may_run_dry_and_have_failure_limits) {
  std::string metrics = R"("error_rate", "satisfaction_score", "avg_latency_ms")";
  std::string limits = R"("error_rate": 1, "satisfaction_score": 2, "avg_latency_ms": 3)";
  std::string checks;
  for (int i = 0; i < 16; ++i) {
    metrics += fmt::format(R"(, "m{}")", i);
    limits += fmt::format(R"(, "m{}": 1000)", i);
    checks += fmt::format(R"({}{{"metric": "m{}", "max": 1}})", i == 0 ? "" : ", ", i);
  }
  const auto checked = [&](const std::string& dry) {
    return problems_of(analysed(fmt::format(
        R"({{"dry_run": [{}], "failure_limits": {{{}}}, "checks": [{}]}})", dry, limits, checks)));
  };
  EXPECT_THAT(checked(metrics), SizeIs(0));
  EXPECT_THAT(checked(metrics + R"(, "m16")"),
              ElementsAre(problem_at("/analysis/dry_run", "an array of 0 to 19")));
}

TEST(job_file_analysis, a_metric_that_nobody_could_have_meant_is_named_in_part) {
  const std::string start(100, 'x');
  EXPECT_THAT(problems_of(analysed(fmt::format(R"({{"failure_limits": {{"{}yyy": 1}}}})", start))),
              ElementsAre(problem_at("/analysis/failure_limits/" + start + "yyy", start + "…\"")));
}

TEST(job_file_analysis, every_wrong_metric_that_runs_dry_is_named) {
  EXPECT_THAT(
      problems_of(analysed(R"({"dry_run": ["eror_rate", 5, "zzz", "error_rate", "error_rate"]})")),
      ElementsAre(problem_at("/analysis/dry_run/0", "did you mean error_rate?"),
                  problem_at("/analysis/dry_run/1", "found 5"),
                  problem_at("/analysis/dry_run/2", "the job judges error_rate, "),
                  problem_at("/analysis/dry_run/4", "already listed")));
}

TEST(job_file_analysis, a_check_that_is_wrong_makes_no_other_problems) {
  EXPECT_THAT(problems_of(analysed(R"({"dry_run": ["handovers"], "failure_limits": {"handovers": 2},
                               "checks": [{"metrics": "handovers", "max": 3}]})")),
              ElementsAre(problem_at("/analysis/checks/0/metric", "missing"),
                          problem_at("/analysis/checks/0/metrics", R"("metric")")));
}

TEST(job_file_analysis, a_check_whose_limit_is_wrong_hides_no_metric_that_is_not_judged) {
  EXPECT_THAT(
      problems_of(analysed(R"({"dry_run": ["handovers", "zzz"], "failure_limits": {"xyz": 2},
                               "checks": [{"metric": "handovers", "max": null}]})")),
      UnorderedElementsAre(problem_at("/analysis/checks/0/max", "found null"),
                           problem_at("/analysis/dry_run/1", "no metric \"zzz\" is judged"),
                           problem_at("/analysis/failure_limits/xyz", "no metric \"xyz\"")));
}

TEST(job_file_analysis, a_check_has_one_of_max_and_min) {
  EXPECT_THAT(problems_of(analysed(R"({"checks": [{"metric": "a"}]})")),
              ElementsAre(problem_at("/analysis/checks/0",
                                     "a limit is missing, required is one of max and min")));
  EXPECT_THAT(problems_of(analysed(R"({"checks": [{"metric": "a", "max": 1, "min": 0}]})")),
              ElementsAre(problem_at("/analysis/checks/0",
                                     "found both max and min, allowed is one of them")));
  for (const auto* limit : {"1e400", "null", R"("1")"})
    EXPECT_THAT(problems_of(analysed(
                    fmt::format(R"({{"checks": [{{"metric": "a", "min": {}}}]}})", limit))),
                ElementsAre(problem_at("/analysis/checks/0/min", "allowed is a number")))
        << limit;
}

TEST(job_file_analysis, a_metric_is_checked_once) {
  EXPECT_THAT(problems_of(analysed(R"({"checks": [{"metric": "a", "max": 1},
                                                  {"metric": "a", "min": 0}]})")),
              ElementsAre(problem_at("/analysis/checks/1/metric", "already has a check")));
  for (const auto* metric : {"error_rate", "satisfaction_score", "avg_latency_ms"})
    EXPECT_THAT(problems_of(analysed(
                    fmt::format(R"({{"checks": [{{"metric": "{}", "max": 1}}]}})", metric))),
                ElementsAre(problem_at("/analysis/checks/0/metric", "rollback_thresholds")))
        << metric;
}

TEST(job_file_analysis, checks_are_at_most_16) {
  const auto count = [](int checks) {
    std::string list;
    for (int i = 0; i < checks; ++i)
      list += fmt::format(R"({}{{"metric": "m{}", "max": 1}})", i == 0 ? "" : ", ", i);
    return problems_of(analysed(fmt::format(R"({{"checks": [{}]}})", list)));
  };
  EXPECT_THAT(count(0), SizeIs(0));
  EXPECT_THAT(count(16), SizeIs(0));
  EXPECT_THAT(count(17), ElementsAre(problem_at("/analysis/checks", "an array of 0 to 16")));
}

TEST(job_file_analysis, single_readings_prove_nothing) {
  constexpr auto* reason = R"(needs "method": "sequential")";
  EXPECT_THAT(problems_of(analysed(R"({"promote_when": "proven"})")),
              ElementsAre(problem_at("/analysis/promote_when", reason)));
  EXPECT_THAT(problems_of(analysed(R"({"method": "threshold", "promote_early": true})")),
              ElementsAre(problem_at("/analysis/promote_early", reason)));
  EXPECT_THAT(problems_of(analysed(R"({"method": "sequence", "promote_early": true})")),
              ElementsAre(problem_at("/analysis/method", "sequential")));
  EXPECT_THAT(problems_of(analysed(R"({"method": "sequential", "promote_early": true,
                                       "promote_when": "proven"})")),
              SizeIs(0));
  EXPECT_THAT(problems_of(analysed(R"({"promote_early": false, "promote_when": "not_worse"})")),
              SizeIs(0));
}

TEST(job_file_analysis, the_sequential_method_takes_whole_units_of_the_window) {
  constexpr auto* reason = "whole multiples of 1m, the unit of the API's window (api.window_unit)";
  EXPECT_THAT(problems_of(sequential(R"("validation_interval": "2m")")), SizeIs(0));
  EXPECT_THAT(problems_of(sequential(R"("validation_interval": 90)")),
              ElementsAre(problem_at("/validation_interval", reason)));
  EXPECT_THAT(problems_of(sequential(R"("validation_duration": "90s")")),
              ElementsAre(problem_at("/validation_duration", reason)));
  EXPECT_THAT(problems_of(sequential(R"("steps": [{"canary": 5, "hold": "90s"}])")),
              ElementsAre(problem_at("/steps/0/hold", reason)));
}

TEST(job_file_analysis, the_unit_may_be_a_second) {
  const auto seconds = with_unit(1s);
  EXPECT_THAT(
      problems_of(sequential(R"("validation_interval": 5, "validation_duration": 7)"), seconds),
      SizeIs(0));
  EXPECT_THAT(problems_of(sequential(R"("validation_interval": "5s250ms")"), seconds),
              ElementsAre(problem_at("/validation_interval", "whole multiples of 1s")));
}

TEST(job_file_analysis, readings_of_their_own_may_come_at_any_time) {
  EXPECT_THAT(problems_of(with("/validation_interval", R"("5s250ms")")), SizeIs(0));
}

TEST(job_file_analysis, a_duration_that_no_step_uses_need_not_be_whole) {
  EXPECT_THAT(problems_of(sequential(R"("validation_duration": "90s",
                                        "steps": [{"canary": 5, "hold": "2m"}])")),
              SizeIs(0));
  EXPECT_THAT(problems_of(sequential(R"("validation_duration": "90s",
                                        "steps": [{"canary": 5, "hold": "2m"}, {"canary": 6}])")),
              ElementsAre(problem_at("/validation_duration", "whole multiples")));
}

TEST(job_file_analysis, a_duration_that_is_not_whole_is_named_beside_problems_of_the_steps) {
  EXPECT_THAT(
      problems_of(sequential(R"("validation_duration": "90s",
                                        "steps": [{"canary": 5, "hold": 0}, {"canary": 4}])")),
      ElementsAre(problem_at("/validation_duration", "whole multiples"),
                  problem_at("/steps/0/hold", "found 0"), problem_at("/steps/1/canary", "here 5")));
}

TEST(job_file_analysis, the_sequential_method_counts_over_a_day_at_most) {
  EXPECT_THAT(problems_of(sequential(R"("validation_duration": "24h")")), SizeIs(0));
  EXPECT_THAT(problems_of(sequential(R"("validation_duration": "24h1m")")),
              ElementsAre(problem_at("/validation_duration", "at most 1d")));
  EXPECT_THAT(problems_of(sequential(R"("steps": [{"canary": 5, "hold": "24h1m"}])")),
              ElementsAre(problem_at("/steps/0/hold", "at most 1d")));
}

}  // namespace
}  // namespace canaryd::job
