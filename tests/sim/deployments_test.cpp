#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string deploy_path = "/api/v1/bots/bot_a/deploy";

std::string path_of(const std::string& id, std::string_view action = "") {
  return "/api/v1/deployments/" + id + std::string{action};
}

TEST(deployments, a_deploy_is_active_and_found) {
  client user;
  const auto answer = user.log_in().answer("POST", deploy_path, deploy_body());
  EXPECT_EQ(answer.status, 201);
  const auto shown = boost::json::parse(answer.body).get_object();
  EXPECT_EQ(shown.at("deploymentId"), "dep-1");
  EXPECT_EQ(shown.at("status"), "active");
  EXPECT_EQ(shown.at("version"), "2.0");
  EXPECT_EQ(shown.at("created_at"), "2024-10-04T00:00:00.000Z");
  EXPECT_EQ(boost::json::serialize(shown.at("traffic_matrix")), R"({"stable":95,"canary":5})");
  EXPECT_EQ(user.answer("GET", path_of("dep-1")).body, answer.body);
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments?botId=bot_a&environmentId=prod").body,
            R"({"items":[)" + answer.body + "]}");
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments?botId=bot_a&environmentId=test").body,
            R"({"items":[]})");
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments?botId=bot_b").body, R"({"items":[]})");
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments").status, 400);
}

struct refused_body {
  std::string_view old_text;
  std::string_view new_text;
  std::string_view complaint;
};

TEST(deployments, a_deploy_that_is_incomplete_or_out_of_range_is_refused) {
  client user;
  user.log_in();
  for (const auto& [old_text, new_text, complaint] : {
           refused_body{R"("bot_a")", R"("bot_b")", "bot_id"},
           {R"("prod")", R"("")", "environment_id"},
           {R"("prod")", "7", "environment_id"},
           {R"("2.0")", R"("2 0")", "version"},
           {R"("canary":5)", R"("canary":6)", "sums to 101"},
           {R"("canary":5)", R"("canary":105)", "0..100"},
           {R"("traffic_matrix")", R"("traffic")", "traffic_matrix"},
           {R"("max_traffic_percentage":50)", R"("max_traffic_percentage":0)", "1..100"},
           {R"("error_rate":0.05)", R"("error_rate":5)", "rollback_thresholds"},
           {R"("max_latency_ms":2000)", R"("max_latency_ms":0)", "rollback_thresholds"},
           {R"("enable_metric_aggregation":true)", R"("more":true)", "enable_metric_aggregation"},
       }) {
    auto body = deploy_body();
    body.replace(body.find(old_text), old_text.size(), new_text);
    const auto answer = user.answer("POST", deploy_path, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr(complaint));
  }
  EXPECT_EQ(user.answer("POST", deploy_path, "[]").status, 400);
  EXPECT_EQ(user.answer("POST", deploy_path, "{").status, 400);
  EXPECT_EQ(user.answer("POST", deploy_path).status, 400);
  EXPECT_TRUE(user.played.deployments().empty());
}

TEST(deployments, a_share_over_the_maximum_is_refused_and_a_violation) {
  client user;
  const auto id = user.log_in().deploy("2.0", 50.0);
  EXPECT_EQ(user.answer("POST", deploy_path, deploy_body("bot_a", "test", "2.0", 51.0)).status,
            422);
  EXPECT_EQ(user.answer("PATCH", path_of(id), traffic_body(50.5)).status, 422);
  ASSERT_EQ(user.played.violations().size(), 2U);
  EXPECT_EQ(user.played.violations()[1].kind, violation_kind::share_over_maximum);
}

TEST(deployments, a_repeated_key_deploys_once) {
  client user;
  const auto request = user.log_in().request("POST", deploy_path, deploy_body());
  const auto first = user.play(request).answer;
  const auto second = user.play(request).answer;
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(user.played.deployments().size(), 1U);
  EXPECT_EQ(user.played.violation_count(), 0U);
}

TEST(deployments, an_api_without_idempotency_deploys_twice) {
  world_options options;
  options.api.honour_idempotency = false;
  client user{options};
  const auto request = user.log_in().request("POST", deploy_path, deploy_body());
  user.play(request);
  user.play(request);
  EXPECT_EQ(user.played.deployments().size(), 2U);
  ASSERT_EQ(user.played.violations().size(), 1U);
  EXPECT_EQ(user.played.violations()[0].kind, violation_kind::second_live_deployment);
}

TEST(deployments, a_refused_deploy_does_not_use_up_its_key) {
  client user;
  auto request = user.log_in().request("POST", deploy_path, "{}");
  EXPECT_EQ(user.play(request).answer.status, 400);
  request.body = deploy_body();
  EXPECT_EQ(user.play(request).answer.status, 201);
}

TEST(deployments, one_key_for_two_actions_is_a_violation) {
  client user;
  auto request = user.log_in().request("POST", deploy_path, deploy_body());
  user.play(request);
  request.body = deploy_body("bot_a", "prod", "3.0");
  user.play(request);
  ASSERT_EQ(user.played.violations().size(), 1U);
  EXPECT_EQ(user.played.violations()[0].kind, violation_kind::reused_idempotency_key);
  EXPECT_EQ(user.played.deployments().size(), 1U);
}

TEST(deployments, traffic_changes_while_the_deployment_is_live) {
  client user;
  const auto id = user.log_in().deploy();
  EXPECT_EQ(user.answer("PATCH", path_of(id), traffic_body(25.0)).status, 200);
  EXPECT_THAT(user.answer("GET", path_of(id)).body, HasSubstr(R"("stable":75,"canary":25)"));
  EXPECT_EQ(user.answer("PATCH", path_of(id), traffic_body(0.0)).status, 200);
  EXPECT_EQ(user.answer("PATCH", path_of(id), "{}").status, 400);
  EXPECT_EQ(user.answer("PATCH", path_of("dep-9"), traffic_body(25.0)).status, 404);
  user.answer("POST", path_of(id, "/rollback"), rollback_body);
  EXPECT_EQ(user.answer("PATCH", path_of(id), traffic_body(25.0)).status, 409);
}

TEST(deployments, rollback_and_promote_end_a_deployment_once) {
  client user;
  const auto back = user.log_in().deploy();
  EXPECT_EQ(user.answer("POST", path_of(back, "/rollback"), rollback_body).status, 200);
  EXPECT_EQ(user.answer("POST", path_of(back, "/rollback"), rollback_body).status, 200);
  EXPECT_EQ(user.answer("POST", path_of(back, "/promote"), promote_body).status, 409);
  EXPECT_THAT(user.answer("GET", path_of(back)).body, HasSubstr(R"("status":"rolled_back")"));
  const auto on = user.deploy();
  EXPECT_EQ(user.answer("POST", path_of(on, "/promote"), promote_body).status, 200);
  EXPECT_EQ(user.answer("POST", path_of(on, "/promote"), promote_body).status, 200);
  EXPECT_EQ(user.answer("POST", path_of(on, "/rollback"), rollback_body).status, 409);
  EXPECT_EQ(user.played.violation_count(), 0U);
}

TEST(deployments, rollback_and_promote_need_their_bodies_and_a_deployment) {
  client user;
  const auto id = user.log_in().deploy();
  EXPECT_EQ(user.answer("POST", path_of(id, "/rollback"), promote_body).status, 400);
  EXPECT_EQ(user.answer("POST", path_of(id, "/rollback"), R"({"reason":"x"})").status, 400);
  EXPECT_EQ(user.answer("POST", path_of(id, "/promote"), "{}").status, 400);
  EXPECT_EQ(user.answer("POST", path_of("dep-9", "/rollback"), rollback_body).status, 404);
  EXPECT_EQ(user.answer("POST", path_of("dep-9", "/promote"), promote_body).status, 404);
  EXPECT_EQ(user.answer("GET", path_of("dep-9")).status, 404);
}

TEST(deployments, the_history_says_when_and_by_what) {
  client user;
  const auto id = user.log_in().deploy();
  user.wait(1min);
  user.answer("PATCH", path_of(id), traffic_body(25.0));
  user.answer("PATCH", path_of(id), traffic_body(25.0));
  user.wait(1min);
  ASSERT_TRUE(user.played.external_rollback(id, user.when()));
  std::vector<std::string> history;
  for (const auto& change : user.played.deployments().front().history) {
    history.push_back(fmt::format(
        "{}s {} {}% {}",
        std::chrono::floor<std::chrono::seconds>(change.when.now - user.played.start()).count(),
        to_string(change.status), change.canary_percent, change.cause));
  }
  EXPECT_THAT(history, ElementsAre("0s active 5% deploy", "60s active 25% change_traffic",
                                   "120s rolled_back 25% external rollback"));
}

TEST(deployments, somebody_else_may_deploy_promote_and_roll_back) {
  client user;
  const auto id = user.played.external_deploy("bot_a", "prod", "9.9", 20.0, user.when());
  user.log_in();
  EXPECT_THAT(user.answer("GET", "/api/v1/deployments?botId=bot_a&environmentId=prod").body,
              HasSubstr(R"("version":"9.9","status":"active")"));
  EXPECT_TRUE(user.played.external_promote(id, user.when()));
  EXPECT_TRUE(user.played.external_promote(id, user.when()));
  const auto refused = user.played.external_rollback(id, user.when());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 409);
  EXPECT_EQ(user.played.external_rollback("dep-9", user.when()).error().status, 404);
  EXPECT_EQ(user.answer("POST", path_of(id, "/rollback"), rollback_body).status, 409);
}

TEST(deployments, versions_are_those_configured_and_those_deployed) {
  world_options options;
  options.api.traffic.bots["bot_a"].versions = {"1.0", "2.0"};
  client user{options};
  user.log_in().deploy("2.0");
  user.deploy("3.0");
  EXPECT_EQ(user.answer("GET", "/api/v1/bots/bot_a/versions?environmentId=prod").body,
            R"({"items":[{"version":"1.0"},{"version":"2.0"},{"version":"3.0"}]})");
  EXPECT_EQ(user.answer("GET", "/api/v1/bots/bot_b/versions").body, R"({"items":[]})");
}

}  // namespace
}  // namespace canaryd::sim
