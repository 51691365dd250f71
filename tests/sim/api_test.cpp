#include "canaryd/sim/api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

using testing::HasSubstr;

std::vector<violation_kind> violations_of(const client& user) {
  std::vector<violation_kind> kinds;
  for (const auto& noticed : user.played.violations())
    kinds.push_back(noticed.kind);
  return kinds;
}

TEST(token, the_right_credentials_get_a_token) {
  client user;
  const auto answer = user.ask_token("demo-secret", "bot:deploy+metrics:read");
  EXPECT_EQ(answer.status, 200);
  const auto shown = boost::json::parse(answer.body).get_object();
  EXPECT_EQ(shown.at("expires_in"), 3600);
  EXPECT_EQ(shown.at("token_type"), "Bearer");
  EXPECT_EQ(shown.at("scope"), "bot:deploy metrics:read");
  EXPECT_NE(user.ask_token().body, answer.body);
}

TEST(token, wrong_credentials_grants_and_scopes_are_refused) {
  client user;
  EXPECT_EQ(user.ask_token("wrong").status, 401);
  EXPECT_THAT(user.ask_token("wrong").body, HasSubstr("invalid_client"));
  EXPECT_EQ(user.ask_token("demo-secret", "bot:destroy").status, 400);
  EXPECT_EQ(user.answer("POST", "/oauth/token", "grant_type=password").status, 400);
  EXPECT_EQ(user.answer("POST", "/oauth/token").status, 400);
}

TEST(token, the_expiry_may_be_left_out) {
  world_options options;
  options.api.announce_expiry = false;
  client user{options};
  EXPECT_EQ(user.ask_token().body.find("expires_in"), std::string::npos);
}

TEST(token, every_call_needs_a_valid_one) {
  client user;
  EXPECT_EQ(user.metrics().status, 401);
  user.log_in();
  EXPECT_EQ(user.metrics().status, 200);
  user.wait(1h - 1ns);
  EXPECT_EQ(user.metrics().status, 200);
  user.wait(1ns);
  EXPECT_EQ(user.metrics().status, 401);
  user.log_in();
  user.played.revoke_tokens();
  EXPECT_THAT(user.metrics().body, HasSubstr("revoked"));
  EXPECT_EQ(user.answer("POST", "/api/v1/bots/bot_a/deploy", deploy_body()).status, 401);
  user.log_in();
  EXPECT_EQ(user.metrics().status, 200);
}

TEST(token, going_on_with_a_refused_one_is_a_violation) {
  client user;
  user.log_in();
  user.played.revoke_tokens();
  user.metrics();
  user.wait(1min);
  user.metrics();
  EXPECT_EQ(user.played.violation_count(), 0U);
  user.wait(1s);
  user.metrics();
  EXPECT_EQ(violations_of(user), std::vector{violation_kind::stale_token});
}

TEST(token, refusing_one_in_an_answer_that_is_lost_begins_no_violation) {
  client user;
  user.log_in();
  user.played.add_fault({.kind = fault_kind::lost_after, .calls = {call::metrics}, .count = 1});
  user.played.revoke_tokens();
  user.metrics();
  user.wait(2min);
  user.metrics();
  EXPECT_EQ(user.played.violation_count(), 0U);
}

TEST(token, its_scopes_bound_what_it_is_good_for) {
  client user;
  const auto use_scope = [&](std::string_view scope) {
    const auto answer = user.ask_token("demo-secret", scope);
    user.token = boost::json::parse(answer.body).at("access_token").get_string();
  };
  use_scope("metrics:read");
  EXPECT_EQ(user.metrics().status, 200);
  EXPECT_EQ(user.answer("POST", "/api/v1/bots/bot_a/deploy", deploy_body()).status, 403);
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments?botId=bot_a").status, 403);
  EXPECT_EQ(user.answer("POST", "/api/v1/audit/logs", audit_body("r1")).status, 403);
  use_scope("bot:deploy");
  EXPECT_EQ(user.metrics().status, 403);
  EXPECT_EQ(user.answer("GET", "/api/v1/webhooks").status, 403);
  EXPECT_THAT(user.answer("GET", "/api/v1/webhooks").body, HasSubstr("webhook:manage"));
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments?botId=bot_a").status, 200);
}

TEST(token, scopes_may_be_left_unchecked) {
  world_options options;
  options.api.check_scopes = false;
  client user{options};
  const auto answer = user.ask_token("demo-secret", "");
  user.token = boost::json::parse(answer.body).at("access_token").get_string();
  EXPECT_EQ(user.metrics().status, 200);
}

TEST(audit, a_record_is_stored_once) {
  client user;
  const auto request = user.log_in().request("POST", "/api/v1/audit/logs", audit_body("r1"));
  EXPECT_EQ(user.play(request).answer.status, 201);
  EXPECT_EQ(user.play(request).answer.status, 201);
  EXPECT_EQ(user.answer("POST", "/api/v1/audit/logs", audit_body("r1")).status, 201);
  user.answer("POST", "/api/v1/audit/logs", audit_body("r2", "bot_b", "canary_completed"));
  ASSERT_EQ(user.played.audits().size(), 2U);
  EXPECT_EQ(user.played.audits()[0].record_id, "r1");
  EXPECT_EQ(user.played.audits()[0].times_sent, 3U);
  EXPECT_EQ(user.played.audits()[0].body, audit_body("r1"));
  EXPECT_EQ(user.played.audits()[1].bot_id, "bot_b");
  EXPECT_EQ(user.played.audits()[1].action, "canary_completed");
  EXPECT_EQ(user.played.violation_count(), 0U);
}

TEST(audit, a_record_that_comes_again_changed_is_a_violation) {
  client user;
  user.log_in().answer("POST", "/api/v1/audit/logs", audit_body("r1"));
  user.answer("POST", "/api/v1/audit/logs", audit_body("r1", "bot_a", "canary_completed"));
  EXPECT_EQ(violations_of(user), std::vector{violation_kind::changed_audit_record});
  EXPECT_EQ(user.played.audits().front().action, "canary_initiated");
}

TEST(audit, an_api_without_idempotency_stores_every_copy) {
  world_options options;
  options.api.honour_idempotency = false;
  client user{options};
  const auto request = user.log_in().request("POST", "/api/v1/audit/logs", audit_body("r1"));
  user.play(request);
  user.play(request);
  EXPECT_EQ(user.played.audits().size(), 2U);
}

TEST(audit, an_incomplete_record_is_refused) {
  client user;
  user.log_in();
  for (const auto* part : {R"("record_id":"r1",)", R"("bot_id":"bot_a",)", R"("metrics":{},)",
                           R"("source":"canaryd/1",)", R"("status":"success",)"}) {
    auto body = audit_body("r1");
    body.erase(body.find(part), std::string_view{part}.size());
    EXPECT_EQ(user.answer("POST", "/api/v1/audit/logs", body).status, 400) << part;
  }
  auto body = audit_body("r1");
  body.replace(body.find("T09"), 1, " ");
  EXPECT_THAT(user.answer("POST", "/api/v1/audit/logs", body).body, HasSubstr("timestamp"));
  EXPECT_TRUE(user.played.audits().empty());
}

TEST(webhook, a_registered_one_is_listed_without_its_secret) {
  client user;
  EXPECT_EQ(user.log_in().answer("GET", "/api/v1/webhooks").body, R"({"items":[]})");
  EXPECT_EQ(user.answer("POST", "/api/v1/webhooks", webhook_body()).status, 201);
  EXPECT_EQ(user.answer("GET", "/api/v1/webhooks").body,
            R"({"items":[{"name":"canary_completion_bot_a","url":"https://ci.example.com/hook",)"
            R"("events":["deployment.canary.completed"],"active":true}]})");
}

TEST(webhook, a_name_that_is_there_is_a_conflict_unless_the_key_is_the_same) {
  client user;
  const auto request = user.log_in().request("POST", "/api/v1/webhooks", webhook_body());
  user.play(request);
  EXPECT_EQ(user.play(request).answer.status, 201);
  EXPECT_EQ(user.answer("POST", "/api/v1/webhooks", webhook_body()).status, 409);
  EXPECT_EQ(user.answer("POST", "/api/v1/webhooks", webhook_body("other")).status, 201);
  EXPECT_EQ(user.played.webhooks().size(), 2U);
}

TEST(webhook, an_incomplete_one_is_refused) {
  client user;
  user.log_in();
  for (const auto* part : {R"("secret":"hush",)", R"("url":"https://ci.example.com/hook",)",
                           R"("events":["deployment.canary.completed"],)"}) {
    auto body = webhook_body();
    body.erase(body.find(part), std::string_view{part}.size());
    EXPECT_EQ(user.answer("POST", "/api/v1/webhooks", body).status, 400) << part;
  }
}

struct header_case {
  std::string_view header;
  std::string_view target;
  violation_kind noticed;
  int status;
};

TEST(headers, a_missing_one_is_a_violation) {
  const std::string deploy = "/api/v1/bots/bot_a/deploy";
  for (const auto& [header, target, noticed, status] :
       {header_case{"Accept", deploy, violation_kind::missing_header, 201},
        {"User-Agent", deploy, violation_kind::missing_header, 201},
        {"Idempotency-Key", deploy, violation_kind::missing_idempotency_key, 201},
        {"X-Deployment-Type", deploy, violation_kind::missing_header, 400},
        {"X-Format-Verification", deploy, violation_kind::missing_header, 400}}) {
    client user;
    auto request = user.log_in().request("POST", std::string{target}, deploy_body());
    std::erase_if(request.headers, [&](const auto& sent) { return sent.name == header; });
    EXPECT_EQ(user.play(request).answer.status, status) << header;
    EXPECT_EQ(violations_of(user), std::vector{noticed}) << header;
  }
}

TEST(unknown_call, is_not_found) {
  client user;
  EXPECT_EQ(user.log_in().answer("GET", "/api/v1/nothing").status, 404);
  EXPECT_EQ(user.played.count(call::unknown), 1U);
}

}  // namespace
}  // namespace canaryd::sim
