// The main job from end to end: somebody drops a file, and its canary is promoted or rolled back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
namespace json = boost::json;

class main_job : public testing::Test {
 protected:
  simulated_daemon daemon;
};

TEST_F(main_job, a_healthy_canary_is_promoted) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  const auto result = daemon.result_of("good");
  EXPECT_EQ(result.at("status"), "promoted_to_stable");
  EXPECT_EQ(result.at("reason"), "passed");
  EXPECT_EQ(result.at("readings").at("pass"), 10);
  ASSERT_EQ(daemon.world().deployments().size(), 1U);
  const auto& deployment = daemon.world().deployments().front();
  EXPECT_EQ(deployment.status, sim::deployment_status::promoted);
  EXPECT_EQ(result.at("deployment_id"), json::value(deployment.id));
  EXPECT_THAT(daemon.audits_of("good"),
              ElementsAre("canary_initiated/success", "canary_completed/success"));
  EXPECT_THAT(daemon.files_in("done"), ElementsAre("good.json", "good.result.json"));
  EXPECT_THAT(daemon.files_in("active"), ElementsAre());
  EXPECT_THAT(daemon.files_in("incoming"), ElementsAre());
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

TEST_F(main_job, a_canary_with_too_many_errors_is_rolled_back_at_the_first_reading) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("2.2.0-bad"));
  const auto result = daemon.result_of("bad");
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "threshold_breach");
  EXPECT_EQ(result.at("readings").at("breach"), 1);
  EXPECT_EQ(daemon.world().deployments().front().status, sim::deployment_status::rolled_back);
  EXPECT_THAT(daemon.audits_of("bad"),
              ElementsAre("canary_initiated/success", "canary_rollback/triggered",
                          "canary_rollback/success"));
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

TEST_F(main_job, a_reading_is_logged_with_value_and_limit_of_every_metric) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(40s);
  EXPECT_THAT(daemon.log_text(),
              testing::ContainsRegex(
                  "info reading error_rate=[0-9.]+/0.05 satisfaction_score=[0-9.]+/3.5 "
                  "avg_latency_ms=[0-9.]+/1500 conversations=[0-9]+ verdict=pass job=good"));
}

TEST_F(main_job, one_canary_at_a_time_for_a_bot_in_order_of_arrival) {
  daemon.start();
  daemon.drop("first.json", simulated_daemon::job("2.1.0"));
  daemon.drop("second.json", simulated_daemon::job("2.2.0"));
  daemon.drop("other.json", simulated_daemon::job("2.1.0", {{"bot_id", "bot_other"}}));
  daemon.run_for(10s);
  EXPECT_EQ(daemon.world().deployments().size(), 2U);
  EXPECT_EQ(daemon.result_of("first").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.result_of("second").at("status"), "promoted_to_stable");
  ASSERT_EQ(daemon.world().deployments().size(), 3U);
  EXPECT_EQ(daemon.world().deployments()[2].version, "2.2.0");
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

TEST_F(main_job, the_webhook_is_registered_once_before_the_deploy) {
  daemon.start();
  const json::object hook{{"webhook_url", "https://ci-cd.example.com/hooks/cognigy-canary"}};
  daemon.drop("one.json", simulated_daemon::job("2.1.0", hook));
  daemon.result_of("one");
  daemon.drop("two.json", simulated_daemon::job("2.2.0", hook));
  daemon.result_of("two");
  ASSERT_EQ(daemon.world().webhooks().size(), 1U);
  EXPECT_EQ(daemon.world().webhooks().front().name, "canary_completion_bot_abc123");
  bool deployed = false;
  for (const auto& request : daemon.world().requests()) {
    deployed = deployed || request.what == sim::call::deploy;
    if (request.what == sim::call::register_webhook)
      EXPECT_FALSE(deployed);
  }
}

TEST_F(main_job, a_webhook_that_cannot_be_registered_never_holds_up_a_canary) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::register_webhook}, .status = 500});
  daemon.start();
  daemon.drop("one.json",
              simulated_daemon::job("2.1.0", {{"webhook_url", "https://ci-cd.example.com/x"}}));
  EXPECT_EQ(daemon.result_of("one").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.logged("warning webhook not registered"), 3U);
}

TEST_F(main_job, readings_without_data_extend_the_hold_and_then_roll_back) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::missing_metric, .calls = {sim::call::metrics}});
  daemon.start();
  daemon.drop("blank.json", simulated_daemon::job("2.1.0"));
  const auto result = daemon.result_of("blank");
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "inconclusive");
  EXPECT_EQ(result.at("readings").at("no_data"), 20);
  EXPECT_THAT(daemon.audits_of("blank"),
              ElementsAre("canary_initiated/success", "canary_extended/success",
                          "canary_rollback/triggered", "canary_rollback/success"));
}

TEST_F(main_job, a_dead_provider_rolls_the_canary_back_as_unobservable) {
  daemon.start();
  daemon.drop("blind.json", simulated_daemon::job("2.1.0", {{"validation_duration", "1h"}}));
  daemon.run_for(1min);
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::metrics}, .status = 503});
  const auto result = daemon.result_of("blind");
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "provider_unavailable");
  EXPECT_EQ(result.at("readings").at("provider_error"), 10);
}

TEST_F(main_job, a_rollback_is_sent_until_the_network_is_back) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("2.2.0", {{"validation_duration", "1h"}}));
  daemon.run_for(1min);
  daemon.transport().cut();
  daemon.run_for(6h);
  EXPECT_FALSE(daemon.has_result("bad"));
  EXPECT_GE(daemon.logged("critical attempt"), 5U);
  daemon.transport().mend();
  const auto result = daemon.result_of("bad", 5min);
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "provider_unavailable");
  EXPECT_EQ(daemon.world().deployments().front().status, sim::deployment_status::rolled_back);
}

struct lost_answer_case {
  sim::call what;
  sim::fault_kind kind;
  const char* version;
  const char* status;
};

class lost_answer : public testing::TestWithParam<lost_answer_case> {};

TEST_P(lost_answer, is_looked_up_and_changes_no_outcome) {
  const auto& param = GetParam();
  sim::world_options played;
  played.faults.push_back({.kind = param.kind, .calls = {param.what}, .count = 1});
  simulated_daemon daemon{1, played};
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job(param.version));
  const auto result = daemon.result_of("job");
  EXPECT_EQ(result.at("status"), param.status);
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    of_every_write, lost_answer,
    testing::Values(
        lost_answer_case{sim::call::deploy, sim::fault_kind::lost_after, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::deploy, sim::fault_kind::lost_before, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::deploy, sim::fault_kind::no_id, "2.1", "promoted_to_stable"},
        lost_answer_case{sim::call::deploy, sim::fault_kind::status_after, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::promote, sim::fault_kind::lost_after, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::promote, sim::fault_kind::lost_before, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::rollback, sim::fault_kind::lost_after, "bad", "rolled_back"},
        lost_answer_case{sim::call::rollback, sim::fault_kind::lost_before, "bad", "rolled_back"},
        lost_answer_case{sim::call::token, sim::fault_kind::lost_before, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::find_deployments, sim::fault_kind::lost_before, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::metrics, sim::fault_kind::lost_before, "2.1",
                         "promoted_to_stable"},
        lost_answer_case{sim::call::audit, sim::fault_kind::lost_after, "2.1",
                         "promoted_to_stable"}));

class refused_now : public testing::TestWithParam<sim::fault_kind> {};

// One in five answers of every call is a refusal, during the whole life of three canaries.
TEST_P(refused_now, changes_no_outcome) {
  sim::world_options played;
  played.faults.push_back({.kind = GetParam(), .rate = 0.2, .status = 503, .retry_after = 2s});
  simulated_daemon daemon{3, played};
  daemon.start();
  daemon.drop("one.json", simulated_daemon::job("2.1.0"));
  daemon.drop("two.json", simulated_daemon::job("2.2.0-bad", {{"bot_id", "bot_b"}}));
  daemon.drop("three.json", simulated_daemon::job("slow", {{"bot_id", "bot_c"}}));
  EXPECT_EQ(daemon.result_of("one").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.result_of("two").at("status"), "rolled_back");
  EXPECT_EQ(daemon.result_of("three").at("status"), "rolled_back");
  daemon.run_for(10min);
  EXPECT_THAT(daemon.audits_of("one"),
              ElementsAre("canary_initiated/success", "canary_completed/success"));
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(of_one_in_five_answers, refused_now,
                         testing::Values(sim::fault_kind::rate_limited, sim::fault_kind::status));

TEST_F(main_job, a_revoked_token_costs_one_refresh) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(2min);
  daemon.world().revoke_tokens();
  EXPECT_EQ(daemon.result_of("good").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.world().count(sim::call::token), 2U);
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

TEST_F(main_job, a_deploy_that_is_refused_fails_the_job_with_the_answers_words) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::deploy}, .status = 403});
  daemon.start();
  daemon.drop("no.json", simulated_daemon::job("2.1.0"));
  const auto result = daemon.result_of("no");
  EXPECT_EQ(result.at("status"), "failed");
  EXPECT_EQ(result.at("reason"), "deploy_refused");
  EXPECT_GE(daemon.logged("bot:deploy"), 1U);
}

TEST_F(main_job, a_promote_that_is_refused_rolls_back) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::promote}, .status = 422});
  daemon.start();
  daemon.drop("no.json", simulated_daemon::job("2.1.0"));
  const auto result = daemon.result_of("no");
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "promote_refused");
}

TEST_F(main_job, a_rollback_that_is_refused_takes_the_traffic_away) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::rollback}, .count = 5, .status = 403});
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("bad"));
  daemon.run_for(32s);
  EXPECT_EQ(daemon.world().deployments().front().canary_percent, 0.0);
  EXPECT_EQ(daemon.result_of("bad").at("status"), "rolled_back");
  EXPECT_THAT(daemon.audits_of("bad"),
              ElementsAre("canary_initiated/success", "canary_rollback/triggered",
                          "canary_rollback/failure", "canary_rollback/success"));
}

TEST_F(main_job, somebody_elses_deployment_keeps_the_job_in_the_queue) {
  const auto id =
      daemon.world().external_deploy("bot_abc123", "env_prod_456", "9", 5.0, daemon.now());
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(10min);
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
  EXPECT_EQ(daemon.logged("is live and belongs to no job"), 1U);
  ASSERT_TRUE(daemon.world().external_rollback(id, daemon.now()));
  EXPECT_EQ(daemon.result_of("job").at("status"), "promoted_to_stable");
}

TEST_F(main_job, a_promotion_at_the_console_ends_the_job_as_an_external_change) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(1min);
  ASSERT_TRUE(
      daemon.world().external_promote(daemon.world().deployments().front().id, daemon.now()));
  const auto result = daemon.result_of("job");
  EXPECT_EQ(result.at("status"), "promoted_to_stable");
}

TEST_F(main_job, a_rollback_at_the_console_ends_the_job_as_an_external_change) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("2.1.0", {{"validation_duration", "2h"}}));
  daemon.run_for(1min);
  ASSERT_TRUE(
      daemon.world().external_rollback(daemon.world().deployments().front().id, daemon.now()));
  const auto result = daemon.result_of("job");
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "external_change");
}

TEST_F(main_job, an_audit_outage_holds_up_nobody_and_loses_nothing) {
  daemon.world().add_fault({.kind = sim::fault_kind::status,
                            .calls = {sim::call::audit},
                            .until = duration{24h},
                            .status = 500});
  daemon.start();
  daemon.drop("one.json", simulated_daemon::job("2.1.0"));
  daemon.drop("two.json", simulated_daemon::job("bad", {{"bot_id", "bot_b"}}));
  EXPECT_EQ(daemon.result_of("one").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.result_of("two").at("status"), "rolled_back");
  EXPECT_THAT(daemon.audits_of("one"), ElementsAre());
  daemon.run_for(24h);
  EXPECT_THAT(daemon.audits_of("one"),
              ElementsAre("canary_initiated/success", "canary_completed/success"));
  EXPECT_THAT(daemon.audits_of("two"),
              ElementsAre("canary_initiated/success", "canary_rollback/triggered",
                          "canary_rollback/success"));
}

TEST_F(main_job, an_audit_record_refused_for_good_is_passed_over) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::audit}, .count = 1, .status = 400});
  daemon.start();
  daemon.drop("one.json", simulated_daemon::job("2.1.0"));
  daemon.result_of("one");
  EXPECT_THAT(daemon.audits_of("one"), ElementsAre("canary_completed/success"));
  EXPECT_EQ(daemon.logged("warning audit record refused for good, kept"), 1U);
}

TEST_F(main_job, a_stop_names_each_canary_and_a_start_goes_on_with_it) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(2min);
  daemon.stop();
  EXPECT_EQ(daemon.logged("warning canary left as it is job=job"), 1U);
  EXPECT_EQ(daemon.world().deployments().front().status, sim::deployment_status::active);
  daemon.run_for(1min);
  daemon.start();
  EXPECT_EQ(daemon.result_of("job").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
}

TEST_F(main_job, a_canary_that_nobody_remembers_is_rolled_back_and_its_file_rejected) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(2min);
  daemon.stop();
  daemon.forget();
  daemon.start();
  daemon.run_for(1min);
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
  EXPECT_EQ(daemon.world().deployments().front().status, sim::deployment_status::rolled_back);
  EXPECT_THAT(daemon.files_in("rejected"), ElementsAre("job.error.json", "job.json"));
  EXPECT_THAT(daemon.files_in("active"), ElementsAre());
}

TEST_F(main_job, a_forgotten_canary_that_the_defaults_made_a_job_of_is_rolled_back) {
  daemon.settings().defaults = {{"validation_duration", "2h"}};
  daemon.start();
  auto job = simulated_daemon::job("2.1.0", {{"validation_interval", "30m"}});
  job.erase("validation_duration");
  daemon.drop("job.json", job);
  daemon.run_for(2min);
  ASSERT_EQ(daemon.world().deployments().size(), 1U);
  daemon.stop();
  daemon.forget();
  daemon.settings().defaults = {};
  daemon.start();
  daemon.run_for(1min);
  EXPECT_EQ(daemon.world().deployments().front().status, sim::deployment_status::rolled_back);
  EXPECT_THAT(daemon.files_in("rejected"), ElementsAre("job.error.json", "job.json"));
}

TEST_F(main_job, polls_stretch_evenly_where_the_budget_is_too_small_and_say_so_once) {
  daemon.settings().api().rate_limit = {.requests = 100, .per = 100s};
  daemon.host().seen().excuse_lateness();
  daemon.start();
  for (int i = 0; i < 60; ++i)
    daemon.drop("job" + std::to_string(i) + ".json",
                simulated_daemon::job("2.1.0", {{"bot_id", "bot" + std::to_string(i)},
                                                {"validation_duration", "20m"}}));
  daemon.run_for(30min);
  for (int i = 0; i < 60; ++i)
    EXPECT_EQ(daemon.result_of("job" + std::to_string(i)).at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.logged("poll interval stretched"), 1U);
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

TEST_F(main_job, a_job_that_would_stretch_polls_too_far_waits) {
  daemon.settings().api().rate_limit = {.requests = 100, .per = 1000s};
  daemon.host().seen().excuse_lateness();
  daemon.settings().limits.max_stretch = 2.0;
  daemon.start();
  for (int i = 0; i < 12; ++i)
    daemon.drop("job" + std::to_string(i) + ".json",
                simulated_daemon::job("2.1.0", {{"bot_id", "bot" + std::to_string(i)}}));
  daemon.run_for(2min);
  EXPECT_LT(daemon.world().deployments().size(), 12U);
  EXPECT_GE(daemon.logged("waiting for the rate budget"), 1U);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(daemon.result_of("job" + std::to_string(i)).at("status"), "promoted_to_stable");
}

TEST_F(main_job, a_job_that_polls_both_arms_counts_twice_in_the_budget) {
  daemon.settings().api().rate_limit = {.requests = 100, .per = 1000s};
  daemon.host().seen().excuse_lateness();
  daemon.settings().limits.max_stretch = 2.0;
  daemon.start();
  const auto drop = [&](const std::string& name, const json::object& analysis) {
    daemon.drop(name + ".json", simulated_daemon::job(
                                    "2.1.0", {{"bot_id", "bot-" + name}, {"analysis", analysis}}));
    daemon.run_for(5s);
  };
  for (const auto* name : {"a", "b", "c"})
    drop(name, {});
  EXPECT_EQ(daemon.logged("waiting for the rate budget"), 0U);
  drop("d", {{"compare_to", "stable"}});
  EXPECT_EQ(daemon.logged("waiting for the rate budget"), 0U);
  drop("e", {{"compare_to", "stable"}});
  EXPECT_EQ(daemon.logged("waiting for the rate budget"), 1U);
}

}  // namespace
}  // namespace canaryd::simulation
