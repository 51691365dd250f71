#include "canaryd/platform/deployments/deployments_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/deployments/driver_fixture.hpp"

namespace canaryd::platform::deployments {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

using calls_of_the_platform = driver_test;

TEST_F(calls_of_the_platform, carry_what_every_request_needs) {
  transport.answers = {answer(200, "[]")};
  EXPECT_TRUE(time.await(api.find_deployments(where, priority::deploy)));
  const auto& message = only_request();
  EXPECT_EQ(message.method, "GET");
  EXPECT_EQ(net::loggable(message.target), "https://app.cognigy.ai/api/v1/deployments");
  EXPECT_EQ(message.target.target, "/api/v1/deployments?botId=bot_1&environmentId=env_1");
  EXPECT_EQ(header_of(message, "Authorization"), "Bearer token-1");
  EXPECT_EQ(header_of(message, "Accept"), "application/json");
  EXPECT_EQ(header_of(message, "Accept-Encoding"), "identity");
  EXPECT_EQ(header_of(message, "User-Agent"), "canaryd/" CANARYD_VERSION);
  EXPECT_EQ(header_of(message, "Idempotency-Key"), "");
  EXPECT_EQ(header_of(message, "Content-Type"), "");
  EXPECT_EQ(message.body, "");
  EXPECT_EQ(message.timeout, 30s);
}

TEST_F(calls_of_the_platform, deploy_asks_for_a_canary) {
  transport.answers = {answer(201, R"({"deploymentId":"d-1"})")};
  job::job job;
  job.bot_id = "bot_1";
  job.steps = {{.canary_percent = 5.0, .hold = 60s}};
  EXPECT_EQ(time.await(api.deploy(where, job, "key-1")).value_or("none"), "d-1");
  const auto& message = only_request();
  EXPECT_EQ(message.method, "POST");
  EXPECT_EQ(message.target.target, "/api/v1/bots/bot_1/deploy");
  EXPECT_EQ(header_of(message, "X-Deployment-Type"), "canary");
  EXPECT_EQ(header_of(message, "X-Format-Verification"), "strict");
  EXPECT_EQ(header_of(message, "Idempotency-Key"), "key-1");
  EXPECT_EQ(header_of(message, "Content-Type"), "application/json");
  EXPECT_THAT(message.body, HasSubstr(R"("bot_id":"bot_1")"));
}

TEST_F(calls_of_the_platform, deploy_without_an_id_in_the_answer_gives_an_empty_one) {
  job::job job;
  job.steps = {{.canary_percent = 5.0, .hold = 60s}};
  EXPECT_EQ(time.await(api.deploy(where, job, "key-1")).value_or("none"), "");
}

TEST_F(calls_of_the_platform, writes_about_a_deployment_name_it_in_the_path) {
  EXPECT_TRUE(time.await(api.change_traffic(where, "d/1", 25.0, "k1", priority::change)));
  EXPECT_TRUE(time.await(api.rollback(where, "d-1", "hard_limit", {}, "k2", priority::rollback)));
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k3")));
  ASSERT_EQ(transport.requests.size(), 3U);
  const auto line = [&](std::size_t i) {
    const auto& message = transport.requests[i].message;
    return message.method + ' ' + message.target.target + ' ' + message.body + ' ' +
           header_of(message, "Idempotency-Key");
  };
  EXPECT_EQ(line(0),
            R"(PATCH /api/v1/deployments/d%2F1 {"traffic_matrix":{"stable":75,"canary":25}} k1)");
  EXPECT_EQ(line(1),
            R"(POST /api/v1/deployments/d-1/rollback {"reason":"hard_limit","metrics":{}} k2)");
  EXPECT_EQ(line(2), R"(POST /api/v1/deployments/d-1/promote {"metrics":{}} k3)");
}

TEST_F(calls_of_the_platform, keep_every_id_in_one_segment_of_the_path) {
  const std::pair<std::string, std::string> cases[] = {
      {"a/../b", "a%2F..%2Fb"}, {"?x=y", "%3Fx%3Dy"},           {"%2e%2e", "%252e%252e"},
      {"a\\b", "a%5Cb"},        {"\xC3\xBC #", "%C3%BC%20%23"}, {"...", "..."}};
  for (const auto& [id, segment] : cases) {
    EXPECT_TRUE(time.await(api.rollback(where, id, "", {}, "k", priority::rollback)));
    EXPECT_EQ(transport.requests.back().message.target.target,
              "/api/v1/deployments/" + segment + "/rollback");
  }
}

TEST_F(calls_of_the_platform, are_not_made_where_an_id_would_mean_another_place) {
  for (const auto* id : {"", ".", ".."}) {
    const auto refused = time.await(api.rollback(where, id, "", {}, "k", priority::rollback));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, fault::refused);
    EXPECT_THAT(refused.error().text, HasSubstr("deployment_id"));
    EXPECT_FALSE(time.await(api.get_deployment(where, id, priority::rollback)));
  }
  where.bot_id = "..";
  job::job job;
  job.steps = {{.canary_percent = 5.0, .hold = 60s}};
  EXPECT_FALSE(time.await(api.deploy(where, job, "k")));
  EXPECT_TRUE(transport.requests.empty());
  EXPECT_TRUE(transport.token_requests.empty());
}

TEST_F(calls_of_the_platform, get_deployment_knows_a_number_as_the_id_that_it_is) {
  transport.answers = {answer(200, R"({"deploymentId":9007199254740993,"status":"active"})")};
  EXPECT_TRUE(time.await(api.get_deployment(where, "9007199254740993", priority::change)));
  EXPECT_FALSE(time.await(api.get_deployment(where, "9007199254740992", priority::change)));
}

TEST_F(calls_of_the_platform, configured_templates_are_used) {
  options.calls[call::rollback] = {.method = "PUT",
                                   .path = "/bots/{bot_id}/{deployment_id}?undo={version}"};
  api.reconfigure(options);
  EXPECT_TRUE(time.await(api.rollback(where, "d-1", "", {}, "k", priority::rollback)));
  EXPECT_EQ(only_request().method, "PUT");
  EXPECT_EQ(only_request().target.target, "/api/v1/bots/bot_1/d-1?undo=2.1.0");
}

TEST_F(calls_of_the_platform, get_deployment_fills_in_the_id_and_refuses_another_ones) {
  transport.answers = {answer(200, R"({"status":"active"})"),
                       answer(200, R"({"deploymentId":"d-2","status":"promoted"})")};
  EXPECT_EQ(time.await(api.get_deployment(where, "d-1", priority::change))->id, "d-1");
  const auto other = time.await(api.get_deployment(where, "d-1", priority::change));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, fault::malformed);
}

TEST_F(calls_of_the_platform, versions_are_asked_for_only_where_configured) {
  EXPECT_EQ(time.await(api.version_is_listed(where)).value(), true);
  EXPECT_TRUE(transport.requests.empty());
  options.calls[call::versions].path = "/bots/{bot_id}/versions?environmentId={environment_id}";
  api.reconfigure(options);
  transport.answers = {answer(200, R"(["2.1.0"])"), answer(200, R"({"items":["2.0.0"]})")};
  EXPECT_EQ(time.await(api.version_is_listed(where)).value(), true);
  EXPECT_EQ(time.await(api.version_is_listed(where)).value(), false);
  EXPECT_EQ(only_request().target.target, "/api/v1/bots/bot_1/versions?environmentId=env_1");
}

TEST_F(calls_of_the_platform, webhooks_are_listed_and_registered) {
  transport.answers = {answer(200, R"([{"name":"n","url":"u"}])"),
                       answer(409, "wh-secret is taken")};
  EXPECT_EQ(time.await(api.list_webhooks(where))->size(), 1U);
  const auto taken = time.await(
      api.register_webhook(where, {.name = "n", .url = "u", .events = {"e"}}, "wh-secret", "k"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().status, 409);
  EXPECT_EQ(taken.error().kind, fault::refused);
  EXPECT_THAT(taken.error().text, Not(HasSubstr("wh-secret")));
  EXPECT_THAT(transport.requests.back().message.body, HasSubstr(R"("secret":"wh-secret")"));
}

TEST_F(calls_of_the_platform, an_audit_records_id_is_its_idempotency_key) {
  transport.answers = {answer(201)};
  EXPECT_TRUE(time.await(api.audit(where, {.record_id = "r-1", .timestamp = {}})));
  EXPECT_EQ(header_of(only_request(), "Idempotency-Key"), "r-1");
}

TEST_F(calls_of_the_platform, a_write_whose_body_is_of_no_use_is_done_unless_the_body_matters) {
  transport.answers = {answer(200, "<html>")};
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
  job::job job;
  job.steps = {{.canary_percent = 5.0, .hold = 60s}};
  EXPECT_EQ(time.await(api.deploy(where, job, "k")).error().kind, fault::malformed);
}

TEST_F(calls_of_the_platform, a_write_whose_answer_broke_is_lost) {
  transport.answers = {failure(fault::lost)};
  EXPECT_EQ(time.await(api.promote(where, "d-1", {}, "k")).error().kind, fault::lost);
  transport.answers = {failure(fault::unreachable)};
  EXPECT_EQ(time.await(api.promote(where, "d-1", {}, "k")).error().kind, fault::unreachable);
}

TEST_F(calls_of_the_platform,
       a_write_that_failed_on_its_way_is_made_again_over_a_fresh_connection) {
  for (const auto& failed : {failure(fault::lost), answer(503), answer(429), answer(302)}) {
    transport.requests.clear();
    transport.answers = {failed, answer(200), answer(200)};
    EXPECT_FALSE(time.await(api.promote(where, "d-1", {}, "k")));
    EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "another")));
    EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
    EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
    ASSERT_EQ(transport.requests.size(), 4U);
    EXPECT_FALSE(transport.requests[0].message.fresh_connection);
    EXPECT_FALSE(transport.requests[1].message.fresh_connection);
    EXPECT_TRUE(transport.requests[2].message.fresh_connection);
    EXPECT_FALSE(transport.requests[3].message.fresh_connection);
  }
}

TEST_F(calls_of_the_platform, a_rollback_gets_through_where_every_used_connection_breaks) {
  transport.reused_ones_break = true;
  transport.answers = {answer(200, R"({"status":"active"})")};
  const auto rank = priority::rollback;
  EXPECT_FALSE(time.await(api.rollback(where, "d-1", "", {}, "k", rank)));
  EXPECT_TRUE(time.await(api.get_deployment(where, "d-1", rank)));
  EXPECT_TRUE(time.await(api.rollback(where, "d-1", "", {}, "k", rank)));
}

TEST_F(calls_of_the_platform, a_write_after_a_401_goes_over_a_fresh_connection) {
  transport.answers = {answer(401), answer(200)};
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
  EXPECT_FALSE(transport.requests.front().message.fresh_connection);
  EXPECT_TRUE(transport.requests.back().message.fresh_connection);
}

TEST_F(calls_of_the_platform, no_429_holds_up_a_rollbacks_first_attempt_or_what_leads_to_it) {
  transport.answers = {answer(429, "", {}, {{"Retry-After", "300"}}), answer(200, "{}")};
  EXPECT_FALSE(time.await(api.list_webhooks(where)));
  const auto throttled_at = async::clock::now();
  EXPECT_TRUE(time.await(api.get_deployment(where, "d-1", priority::rollback)));
  EXPECT_TRUE(time.await(api.rollback(where, "d-1", "", {}, "k", priority::rollback)));
  EXPECT_TRUE(time.await(api.change_traffic(where, "d-1", 0.0, "k2", priority::rollback)));
  EXPECT_EQ(async::clock::now(), throttled_at);
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k3")));
  EXPECT_EQ(async::clock::now(), throttled_at + 60s);
  EXPECT_TRUE(time.await(api.audit(where, {.record_id = "r-1", .timestamp = {}})));
  EXPECT_EQ(async::clock::now(), throttled_at + 5min);
}

TEST_F(calls_of_the_platform,
       a_page_where_an_answer_should_be_is_no_success_of_what_nobody_verifies) {
  transport.answers = {answer(200, "\n<!DOCTYPE html><p>Back soon</p>")};
  const auto sent = time.await(api.audit(where, {.record_id = "r-1", .timestamp = {}}));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, fault::malformed);
  EXPECT_THAT(sent.error().text, HasSubstr("it is an HTML page"));
  transport.answers = {answer(200, "OK")};
  EXPECT_TRUE(time.await(api.audit(where, {.record_id = "r-1", .timestamp = {}})));
}

TEST_F(calls_of_the_platform, a_401_renews_the_token_and_repeats_once_with_the_same_key) {
  transport.token_answers = {answer(200, R"({"access_token":"old"})"),
                             answer(200, R"({"access_token":"new"})")};
  transport.answers = {answer(401), answer(200)};
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_EQ(header_of(transport.requests[0].message, "Authorization"), "Bearer old");
  EXPECT_EQ(header_of(transport.requests[1].message, "Authorization"), "Bearer new");
  EXPECT_EQ(header_of(transport.requests[0].message, "Idempotency-Key"),
            header_of(transport.requests[1].message, "Idempotency-Key"));
}

TEST_F(calls_of_the_platform, a_second_401_is_an_authorization_failure) {
  transport.answers = {answer(401, "token-1 is not welcome")};
  const auto refused = time.await(api.promote(where, "d-1", {}, "k"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, fault::unauthorized);
  EXPECT_THAT(refused.error().text, HasSubstr("(scopes asked for: bot:deploy metrics:read)"));
  EXPECT_THAT(refused.error().text, Not(HasSubstr("token-1")));
  EXPECT_EQ(transport.requests.size(), 2U);
  EXPECT_EQ(transport.token_requests.size(), 2U);
}

TEST_F(calls_of_the_platform,
       a_thousand_calls_with_a_stale_token_cause_one_refresh_and_few_repeats) {
  transport.token_answers = {answer(200, R"({"access_token":"old"})"),
                             answer(200, R"({"access_token":"new"})", 1s)};
  transport.reply_to = [](const net::request& message) {
    return answer(header_of(message, "Authorization") == "Bearer new" ? 200 : 401, "{}", 1s);
  };
  int done = 0;
  for (int i = 0; i < 1000; ++i)
    tasks.spawn(promote_and_count(api, where, done));
  time.run();
  EXPECT_EQ(done, 1000);
  EXPECT_EQ(transport.token_requests.size(), 2U);
  EXPECT_EQ(transport.requests.size(), 1000U + 32U);
  EXPECT_EQ(transport.most_under_way, 32);
}

TEST_F(calls_of_the_platform, never_carry_an_expired_token_however_often_a_wait_outlasts_it) {
  const auto lives_a_minute = [](const std::string& name, duration after = {}) {
    return answer(200, R"({"access_token":")" + name + R"(","expires_in":60})", after);
  };
  transport.token_answers = {lives_a_minute("first"), lives_a_minute("second", 1s),
                             lives_a_minute("third")};
  transport.answers = {answer(200, "[]")};
  ASSERT_TRUE(time.await(source.get(priority::deploy)));
  budget.report_throttled(async::clock::now(), 4min);
  int done = 0;
  tasks.spawn(find_and_count(api, where, done));
  // The second token is on its way when the API stops everybody again.
  time.run_for(4min + 500ms);
  ASSERT_EQ(transport.token_requests.size(), 2U);
  budget.report_throttled(async::clock::now(), 4min);
  time.run();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(header_of(only_request(), "Authorization"), "Bearer third");
}

TEST_F(calls_of_the_platform, nothing_is_sent_without_a_token) {
  transport.token_answers = {answer(403)};
  const auto refused = time.await(api.promote(where, "d-1", {}, "k"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, fault::no_token);
  EXPECT_TRUE(transport.requests.empty());
}

TEST_F(calls_of_the_platform, a_429_slows_the_client_and_stops_it_for_retry_after) {
  const auto rate = budget.polls_per_second();
  transport.answers = {answer(429, "", {}, {{"Retry-After", "20"}}), answer(200)};
  EXPECT_EQ(time.await(api.promote(where, "d-1", {}, "k")).error().retry_after, 20s);
  EXPECT_NEAR(budget.polls_per_second(), rate / 2, 1e-6);
  const auto throttled_at = async::clock::now();
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
  EXPECT_EQ(transport.requests.back().at, throttled_at + 20s);
}

TEST_F(calls_of_the_platform, a_rollback_gets_through_when_all_connections_hang) {
  transport.answers = {silence()};
  int done = 0;
  for (int i = 0; i < 100; ++i)
    tasks.spawn(promote_and_count(api, where, done));
  time.run_for(1s);
  EXPECT_EQ(transport.requests.size(), 32U);
  transport.answers = {answer(200)};
  EXPECT_TRUE(time.await(api.rollback(where, "d-1", "", {}, "k", priority::rollback)));
  EXPECT_LT(async::clock::now(), instant{1h} + 2s);
}

TEST_F(calls_of_the_platform, a_base_url_that_is_none_is_refused) {
  where.base_url = "ftp://x";
  EXPECT_EQ(time.await(api.promote(where, "d-1", {}, "k")).error().kind, fault::refused);
  EXPECT_TRUE(transport.requests.empty());
}

TEST_F(calls_of_the_platform, are_observed) {
  std::vector<std::pair<call, int>> seen;
  api.observe_calls([&](call which, int status, duration) { seen.emplace_back(which, status); });
  transport.answers = {answer(404), failure(fault::lost)};
  time.await(api.promote(where, "d-1", {}, "k"));
  time.await(api.list_webhooks(where));
  EXPECT_THAT(seen, testing::ElementsAre(testing::Pair(call::promote, 404),
                                         testing::Pair(call::list_webhooks, 0)));
}

TEST_F(calls_of_the_platform, say_when_the_first_request_of_a_rollback_goes_out) {
  std::vector<duration> sent;
  const auto begun = async::clock::now();
  const auto note = [&] { sent.push_back(async::clock::now() - begun); };
  transport.answers = {answer(401), answer(200)};
  EXPECT_TRUE(time.await(api.rollback(where, "d-1", "", {}, "k", priority::rollback, note)));
  EXPECT_EQ(transport.requests.size(), 2U);
  EXPECT_THAT(sent, testing::ElementsAre(transport.requests.front().at - begun));
}

}  // namespace
}  // namespace canaryd::platform::deployments
