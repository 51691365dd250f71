#include "canaryd/sim/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

using testing::HasSubstr;

class console : public testing::Test {
 protected:
  net::response ask(std::string method, std::string target, std::string body = {}) {
    auto answer = answer_console(
        user.played, user.request(std::move(method), std::move(target), std::move(body)),
        user.when());
    return answer.value_or(net::response{});
  }

  client user;
};

TEST_F(console, it_leaves_the_api_alone) {
  EXPECT_EQ(answer_console(user.played, user.request("GET", "/api/v1/webhooks"), user.when()),
            std::nullopt);
  EXPECT_EQ(ask("GET", "/sim/nothing").status, 404);
  EXPECT_EQ(ask("GET", "/sim/faults").status, 404);
}

TEST_F(console, the_state_shows_what_was_done) {
  user.log_in().deploy();
  user.answer("POST", "/api/v1/audit/logs", audit_body("r1"));
  user.answer("POST", "/api/v1/webhooks", webhook_body());
  user.wait(90s);
  user.answer("POST", "/api/v1/deployments/dep-1/rollback", rollback_body);
  const auto answer = ask("GET", "/sim/state");
  EXPECT_EQ(answer.status, 200);
  const auto state = boost::json::parse(answer.body);
  const auto& deployment = state.at_pointer("/deployments/0");
  EXPECT_EQ(deployment.at("deploymentId"), "dep-1");
  EXPECT_EQ(deployment.at("status"), "rolled_back");
  EXPECT_EQ(deployment.at_pointer("/history/1/at"), 90.0);
  EXPECT_EQ(deployment.at_pointer("/history/1/cause"), "rollback");
  EXPECT_EQ(deployment.at_pointer("/history/1/time"), "2024-10-04T00:01:30.000Z");
  EXPECT_EQ(state.at_pointer("/audits/0/record_id"), "r1");
  EXPECT_EQ(state.at_pointer("/webhooks/0/name"), "canary_completion_bot_a");
  EXPECT_EQ(state.at_pointer("/counts/deploy"), 1);
  EXPECT_EQ(state.at_pointer("/violation_count"), 0);
  EXPECT_EQ(answer.body.find("hush"), std::string::npos);
}

TEST_F(console, faults_are_added_and_removed) {
  user.log_in();
  EXPECT_EQ(ask("POST", "/sim/faults", R"({"kind":"status","status":500})").status, 200);
  EXPECT_EQ(user.metrics().status, 500);
  EXPECT_EQ(ask("DELETE", "/sim/faults").status, 200);
  EXPECT_EQ(user.metrics().status, 200);
  EXPECT_EQ(ask("POST", "/sim/faults",
                R"([{"kind":"html","calls":["deploy"]},{"kind":"status","status":502}])")
                .status,
            200);
  EXPECT_EQ(user.metrics().status, 502);
}

TEST_F(console, a_list_with_a_wrong_fault_adds_none) {
  const auto answer = ask("POST", "/sim/faults", R"([{"kind":"status"},{"kind":"fire"}])");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("/kind"));
  EXPECT_EQ(ask("POST", "/sim/faults", "{").status, 400);
  EXPECT_EQ(user.log_in().metrics().status, 200);
}

TEST_F(console, tokens_can_be_revoked) {
  user.log_in();
  EXPECT_EQ(ask("POST", "/sim/tokens/revoke").status, 200);
  EXPECT_EQ(user.metrics().status, 401);
}

TEST_F(console, somebody_else_deploys_and_concludes) {
  const auto answer =
      ask("POST", "/sim/deployments",
          R"({"bot_id":"bot_a","environment_id":"prod","version":"2.0","canary":5})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"deploymentId":"dep-1"})");
  EXPECT_EQ(ask("POST", "/sim/deployments/dep-1/promote").status, 200);
  EXPECT_EQ(ask("POST", "/sim/deployments/dep-1/rollback").status, 409);
  EXPECT_EQ(ask("POST", "/sim/deployments/dep-9/promote").status, 404);
  EXPECT_EQ(ask("POST", "/sim/deployments/dep-1/pause").status, 404);
  EXPECT_EQ(ask("POST", "/sim/deployments/dep-1").status, 404);
  EXPECT_EQ(user.played.deployments().front().history.back().cause, "external promote");
}

TEST_F(console, a_deploy_of_somebody_else_has_to_be_complete) {
  for (const auto* body : {"[]", "{}", R"({"bot_id":"a b","environment_id":"e","version":"1"})",
                           R"({"bot_id":"a","environment_id":"e","version":"1","canary":101})"})
    EXPECT_EQ(ask("POST", "/sim/deployments", body).status, 400) << body;
  EXPECT_TRUE(user.played.deployments().empty());
}

}  // namespace
}  // namespace canaryd::sim
