// How a canary ends if some of its metrics are missing or odd: scores that nobody gives, answers
// without a count, shares without a conversation, numbers of many digits (reference: "Readings").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace json = boost::json;

sim::world_options world_of(double arrivals_per_minute) {
  sim::world_options options;
  options.api.traffic.arrivals_per_minute = arrivals_per_minute;
  options.api.traffic.profiles = {
      {.version = "*-quiet", .what = {.rated = 0.0}},
      {.version = "*-quiet-bad", .what = {.error_rate = 1.0, .rated = 0.0}},
      {.version = "*-awful", .what = {.error_rate = 0.93}}};
  return options;
}

class verdicts : public testing::Test {
 protected:
  json::object outcome_of(std::string_view version, json::object changes = {},
                          double arrivals_per_minute = 6000.0,
                          std::vector<sim::fault> faults = {}) {
    auto options = world_of(arrivals_per_minute);
    options.faults = std::move(faults);
    simulated_daemon daemon{1, std::move(options)};
    daemon.start();
    daemon.drop("job.json", simulated_daemon::job(version, std::move(changes)));
    auto result = daemon.result_of("job");
    log_ = daemon.log_text();
    return result;
  }

  std::string log_;
};

TEST_F(verdicts, one_that_fails_everywhere_is_rolled_back_although_nobody_gives_scores) {
  const auto result = outcome_of("2.0-quiet-bad");
  EXPECT_EQ(result.at("reason"), "threshold_breach");
  EXPECT_EQ(result.at("readings").at("breach"), 1);
  EXPECT_THAT(log_, HasSubstr("satisfaction_score=-/3.5"));
}

TEST_F(verdicts, without_scores_a_healthy_one_is_promoted_only_where_they_are_optional) {
  EXPECT_EQ(outcome_of("2.0-quiet").at("reason"), "inconclusive");
  for (const auto* method : {"threshold", "sequential"}) {
    const json::object optional{{"method", method},
                                {"optional", json::array{"satisfaction_score"}}};
    EXPECT_EQ(
        outcome_of("2.0-quiet", {{"analysis", optional}, {"validation_interval", 60}}).at("status"),
        "promoted_to_stable")
        << method;
  }
}

TEST_F(verdicts, proof_does_not_wait_for_scores_that_are_optional) {
  const json::object proven{{"method", "sequential"},
                            {"promote_when", "proven"},
                            {"optional", json::array{"satisfaction_score"}}};
  EXPECT_EQ(
      outcome_of("2.0-quiet", {{"analysis", proven}, {"validation_interval", 60}}).at("reason"),
      "passed");
}

TEST_F(verdicts, one_that_fails_in_too_few_conversations_is_never_promoted_for_want_of_them) {
  const auto result =
      outcome_of("2.0-awful", {{"on_inconclusive", "promote"}, {"min_conversations", 200}}, 300.0);
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "inconclusive");
  EXPECT_EQ(result.at("readings").at("breach"), 0);
}

TEST_F(verdicts, one_that_nobody_talks_to_is_promoted_for_want_of_data_alone_where_that_is_asked) {
  const json::object no_minimum{{"min_conversations", 0}};
  EXPECT_EQ(outcome_of("2.0", no_minimum, 0.0).at("reason"), "inconclusive");
  EXPECT_EQ(outcome_of("2.0", no_minimum, 0.0).at("status"), "rolled_back");
  EXPECT_EQ(outcome_of("2.0", {{"min_conversations", 0}, {"on_inconclusive", "promote"}}, 0.0)
                .at("status"),
            "promoted_to_stable");
}

TEST_F(verdicts, an_answer_that_does_not_count_its_conversations_passes_nothing) {
  const auto result = outcome_of("2.0", {{"min_conversations", 0}}, 6000.0,
                                 {{.kind = sim::fault_kind::missing_metric,
                                   .calls = {sim::call::metrics},
                                   .metric = "conversation_count"}});
  EXPECT_EQ(result.at("reason"), "inconclusive");
  EXPECT_EQ(result.at("readings").at("pass"), 0);
  EXPECT_THAT(log_, HasSubstr("conversation_count is missing"));
}

TEST_F(verdicts, numbers_of_many_digits_are_judged_like_any_other) {
  for (const auto* method : {"threshold", "sequential"}) {
    auto options = world_of(6000.0);
    options.api.long_numbers = true;
    simulated_daemon daemon{1, std::move(options)};
    daemon.start();
    daemon.drop("job.json",
                simulated_daemon::job("2.0", {{"analysis", json::object{{"method", method}}},
                                              {"validation_interval", 60}}));
    EXPECT_EQ(daemon.result_of("job").at("reason"), "passed") << method;
  }
}

}  // namespace
}  // namespace canaryd::simulation
