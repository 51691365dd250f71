#include "canaryd/sim/metrics_answer.hpp"

#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

TEST(metrics, a_window_is_a_number_and_a_unit_up_to_a_day) {
  EXPECT_EQ(parse_window("15m"), 15min);
  EXPECT_EQ(parse_window("30s"), 30s);
  EXPECT_EQ(parse_window("2h"), 2h);
  EXPECT_EQ(parse_window("24h"), 24h);
  EXPECT_EQ(parse_window("1440m"), 24h);
  for (const auto* wrong : {"", "15", "m", "0m", "-1m", "15M", "1.5m", "15m ", "25h", "1441m",
                            "99999999999999999999m", "15mm", "1d"})
    EXPECT_EQ(parse_window(wrong), std::nullopt) << wrong;
}

TEST(metrics, both_arms_have_their_share_of_the_arrivals) {
  client user;
  user.log_in().deploy("2.0", 10.0);
  user.wait(10min);
  EXPECT_NEAR(static_cast<double>(user.conversations("10m", "canary")), 6000.0, 400.0);
  EXPECT_NEAR(static_cast<double>(user.conversations("10m", "stable")), 54'000.0, 1200.0);
}

TEST(metrics, rates_are_those_of_the_version) {
  client user;
  user.log_in().deploy("2.0-bad-slow-unhappy", 50.0);
  user.wait(15min);
  EXPECT_NEAR(user.metric("error_rate"), 0.12, 0.01);
  EXPECT_NEAR(user.metric("avg_latency_ms"), 4000.0, 30.0);
  EXPECT_NEAR(user.metric("satisfaction_score"), 2.6, 0.05);
  EXPECT_EQ(user.metric("satisfaction_count"), user.metric("conversation_count"));
  EXPECT_NEAR(user.metric("escalation_rate"), 0.05, 0.01);
  EXPECT_NEAR(user.metric("error_rate", "15m", "stable"), 0.01, 0.003);
}

TEST(metrics, the_same_seed_gives_the_same_answers) {
  const auto history = [](std::uint64_t seed, std::string_view extra_poll) {
    world_options options;
    options.api.traffic.seed = seed;
    client user{options};
    user.log_in().deploy();
    user.wait(3min);
    user.metrics(extra_poll);
    user.wait(2min);
    return user.metrics("5m").body;
  };
  EXPECT_EQ(history(1, "1m"), history(1, "3m"));
  EXPECT_NE(history(1, "1m"), history(2, "1m"));
}

TEST(metrics, windows_add_up) {
  client user;
  user.log_in().deploy();
  user.wait(1min);
  const auto first = user.conversations("1m");
  user.wait(1min);
  EXPECT_EQ(user.conversations("2m"), first + user.conversations("1m"));
}

TEST(metrics, there_is_nothing_before_the_deploy) {
  client user;
  user.log_in();
  user.wait(50min);
  EXPECT_EQ(user.metrics().body,
            R"({"error_rate":null,"satisfaction_score":null,"avg_latency_ms":null,)"
            R"("conversation_count":0,"satisfaction_count":0,"escalation_rate":null})");
  EXPECT_GT(user.conversations("15m", "stable"), 80'000);
  user.deploy();
  EXPECT_EQ(user.conversations(), 0);
}

TEST(metrics, conversations_end_with_the_canary_but_stay_in_the_window) {
  client user;
  const auto id = user.log_in().deploy();
  user.wait(5min);
  user.answer("POST", "/api/v1/deployments/" + id + "/rollback", rollback_body);
  const auto until_then = user.conversations("1h");
  EXPECT_GT(until_then, 1000);
  user.wait(5min);
  EXPECT_EQ(user.conversations("1h"), until_then);
  EXPECT_EQ(user.conversations("4m"), 0);
}

TEST(metrics, a_window_reaches_back_to_a_predecessor_of_the_bot) {
  client user;
  const auto first = user.log_in().deploy("1.9-bad", 50.0);
  user.wait(5min);
  user.answer("POST", "/api/v1/deployments/" + first + "/rollback", rollback_body);
  user.deploy("2.0", 50.0);
  user.wait(5min);
  EXPECT_NEAR(user.metric("error_rate", "5m"), 0.01, 0.005);
  EXPECT_NEAR(user.metric("error_rate", "10m"), 0.065, 0.01);
}

TEST(metrics, a_traffic_change_changes_the_arrivals) {
  client user;
  const auto id = user.log_in().deploy("2.0", 10.0);
  user.wait(10min);
  user.answer("PATCH", "/api/v1/deployments/" + id, traffic_body(50.0));
  user.wait(10min);
  EXPECT_NEAR(static_cast<double>(user.conversations("10m")), 30'000.0, 800.0);
  user.answer("PATCH", "/api/v1/deployments/" + id, traffic_body(0.0));
  user.wait(10min);
  EXPECT_EQ(user.conversations("9m"), 0);
}

TEST(metrics, the_version_promoted_is_the_stable_one_from_then_on) {
  client user;
  const auto id = user.log_in().deploy("2.0-bad");
  user.wait(1min);
  user.answer("POST", "/api/v1/deployments/" + id + "/promote", promote_body);
  user.wait(15min);
  EXPECT_NEAR(user.metric("error_rate", "14m", "stable"), 0.12, 0.01);
  EXPECT_EQ(user.conversations("14m"), 0);
}

TEST(metrics, a_profile_may_begin_some_time_after_the_deploy) {
  world_options options;
  options.api.traffic.profiles = {
      {.bot = "*", .version = "2.*", .from = 10min, .what = {.error_rate = 0.5}}};
  client user{options};
  user.log_in();
  user.wait(7min);
  const auto id = user.deploy("2.0", 10.0);
  user.wait(5min);
  user.answer("PATCH", "/api/v1/deployments/" + id, traffic_body(20.0));
  user.wait(5min);
  EXPECT_NEAR(user.metric("error_rate", "10m"), 0.01, 0.005);
  user.wait(10min);
  EXPECT_NEAR(user.metric("error_rate", "10m"), 0.5, 0.03);
}

TEST(metrics, conversations_may_be_seen_late) {
  world_options options;
  options.api.metrics_delay = 2min;
  client user{options};
  user.log_in().deploy();
  user.wait(2min);
  EXPECT_EQ(user.conversations("2m"), 0);
  user.wait(2min);
  const auto seen = user.conversations("4m");
  client prompt;
  prompt.log_in().deploy();
  prompt.wait(2min);
  EXPECT_EQ(seen, prompt.conversations("2m"));
}

TEST(metrics, environments_can_be_told_apart) {
  client user;
  user.log_in().deploy();
  user.answer("POST", "/api/v1/bots/bot_a/deploy", deploy_body("bot_a", "test", "3.0", 20.0));
  user.wait(10min);
  const auto of = [&](const std::string& environment) {
    const auto found = user.answer(
        "GET",
        "/api/v1/metrics/conversations?botId=bot_a&window=10m&metricType=canary" + environment);
    return boost::json::parse(found.body).at("conversation_count").to_number<double>();
  };
  EXPECT_NEAR(of("&environmentId=prod"), 3000.0, 250.0);
  EXPECT_NEAR(of("&environmentId=test"), 12'000.0, 500.0);
  EXPECT_EQ(of(""), of("&environmentId=prod") + of("&environmentId=test"));
}

TEST(metrics, a_bot_has_its_own_arrivals_where_they_are_set) {
  world_options options;
  options.api.traffic.bots["bot_a"].arrivals_per_minute = 60.0;
  client user{options};
  user.log_in().deploy("2.0", 50.0);
  user.wait(50min);
  EXPECT_NEAR(static_cast<double>(user.conversations("1h")), 1500.0, 200.0);
}

TEST(metrics, bad_questions_are_refused) {
  client user;
  user.log_in();
  EXPECT_EQ(user.metrics("15").status, 400);
  EXPECT_EQ(user.metrics("15m", "both").status, 400);
  EXPECT_EQ(user.metrics("15m", "canary", "").status, 400);
  EXPECT_EQ(user.metrics("15m", "canary", "a b").status, 400);
}

TEST(metrics, the_fallback_needs_no_token) {
  client user;
  const auto found = user.answer(
      "GET", "/fallback/metrics/conversations?botId=bot_a&window=15m&metricType=stable");
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(user.played.count(call::fallback_metrics), 1U);
}

}  // namespace
}  // namespace canaryd::sim
