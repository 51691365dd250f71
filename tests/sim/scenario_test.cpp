#include "canaryd/sim/scenario.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

using testing::HasSubstr;

TEST(scenario, every_key_is_read) {
  world_options options;
  const auto applied = apply_scenario(R"({
    // what a person may write
    "seed": 7, "arrivals": 1200, "token_lifetime": "10m", "metrics_delay": 90, "answer_delay": 0.02,
    "bots": {"bot_a": {"arrivals": 60, "stable_version": "1.0-bad", "versions": ["1.0", "2.0"]}},
    "profiles": [{"bot": "bot_*", "version": "2.*", "from": "2m", "error_rate": 0.2,
                  "satisfaction_score": 4.1, "satisfaction_spread": 0.4, "avg_latency_ms": 300,
                  "latency_spread_ms": 70, "rated": 0.5, "escalation_rate": 0.15},
                 {"at": 12, "error_rate": 0.3}],
    "faults": [{"kind": "rate_limited", "bot": "bot_a", "calls": ["deploy", "metrics"], "rate": 0.5,
                "from": 10, "until": 60, "count": 3, "status": 500, "retry_after": 5,
                "retry_after_as_date": true, "delay": 2, "metric": "avg_latency_ms"}],
    "promote_delay": "8s", "numeric_ids": true, "lists": "bare", "empty_lists": "no_content",
    "page_size": 3, "pages": "link", "odd_items": true,
  })",
                                      options);
  ASSERT_TRUE(applied);
  const auto& traffic = options.api.traffic;
  EXPECT_EQ(traffic.seed, 7U);
  EXPECT_EQ(traffic.arrivals_per_minute, 1200.0);
  EXPECT_EQ(options.api.token_lifetime, 10min);
  EXPECT_EQ(options.api.metrics_delay, 90s);
  EXPECT_EQ(options.answer_delay, 20ms);
  EXPECT_EQ(options.api.promote_delay, 8s);
  EXPECT_TRUE(traffic.numeric_ids);
  const auto& shapes = options.api.shapes;
  EXPECT_EQ(shapes.lists, list_shape::bare);
  EXPECT_EQ(shapes.empty_lists, empty_shape::no_content);
  EXPECT_EQ(shapes.page_size, 3U);
  EXPECT_EQ(shapes.pages, page_shape::link);
  EXPECT_TRUE(shapes.odd_items);
  const auto& bot = traffic.bots.at("bot_a");
  EXPECT_EQ(bot.arrivals_per_minute, 60.0);
  EXPECT_EQ(bot.stable_version, "1.0-bad");
  EXPECT_EQ(bot.versions, (std::vector<std::string>{"1.0", "2.0"}));
  ASSERT_EQ(traffic.profiles.size(), 2U);
  EXPECT_EQ(traffic.profiles[0].bot, "bot_*");
  EXPECT_EQ(traffic.profiles[0].version, "2.*");
  EXPECT_EQ(traffic.profiles[0].from, 2min);
  EXPECT_EQ(traffic.profiles[0].what, (profile{.error_rate = 0.2,
                                               .satisfaction_score = 4.1,
                                               .satisfaction_spread = 0.4,
                                               .avg_latency_ms = 300.0,
                                               .latency_spread_ms = 70.0,
                                               .rated = 0.5,
                                               .escalation_rate = 0.15}));
  EXPECT_EQ(traffic.profiles[0].at, std::nullopt);
  EXPECT_EQ(traffic.profiles[1].at, 12s);
  ASSERT_EQ(options.faults.size(), 1U);
  const auto& fault = options.faults[0];
  EXPECT_EQ(fault.kind, fault_kind::rate_limited);
  EXPECT_EQ(fault.bot, "bot_a");
  EXPECT_EQ(fault.calls, (std::vector{call::deploy, call::metrics}));
  EXPECT_EQ(fault.rate, 0.5);
  EXPECT_EQ(fault.from, 10s);
  EXPECT_EQ(fault.until, 60s);
  EXPECT_EQ(fault.count, 3U);
  EXPECT_EQ(fault.status, 500);
  EXPECT_EQ(fault.retry_after, 5s);
  EXPECT_TRUE(fault.retry_after_as_date);
  EXPECT_EQ(fault.delay, 2s);
  EXPECT_EQ(fault.metric, "avg_latency_ms");
}

// The result of a traffic change that meets the fault of a scenario.
struct met_fault {
  std::string_view text;
  int status;
  outcome ended;
  std::string_view share;
};

TEST(scenario, a_traffic_change_may_be_refused_lost_or_slow) {
  for (const auto& [text, status, ended, share] : {
           met_fault{R"("kind": "status", "status": 403)", 403, outcome::answered, "5}"},
           {R"("kind": "status", "status": 503)", 503, outcome::answered, "5}"},
           {R"("kind": "lost_before")", 0, outcome::lost_before, "5}"},
           {R"("kind": "lost_after")", 0, outcome::lost_after, "20}"},
           {R"("kind": "status_after", "status": 500)", 500, outcome::answered, "20}"},
           {R"("kind": "slow", "delay": 20)", 200, outcome::answered, "20}"},
       }) {
    world_options options;
    ASSERT_TRUE(apply_scenario(
        fmt::format(R"({{"faults": [{{{}, "calls": ["change_traffic"], "count": 1}}]}})", text),
        options));
    client user{options};
    const auto path = "/api/v1/deployments/" + user.log_in().deploy();
    const auto met = user.play(user.request("PATCH", path, traffic_body(20.0)));
    EXPECT_EQ(met.ended, ended) << text;
    if (ended == outcome::answered)
      EXPECT_EQ(met.answer.status, status) << text;
    EXPECT_THAT(user.answer("GET", path).body, HasSubstr(fmt::format(R"("canary":{})", share)))
        << text;
    EXPECT_EQ(user.answer("PATCH", path, traffic_body(20.0)).status, 200) << text;
  }
}

TEST(scenario, an_outage_hits_both_arms_alike) {
  world_options options;
  ASSERT_TRUE(apply_scenario(
      R"({"profiles": [{"at": "10m", "error_rate": 0.3}, {"at": "30m", "error_rate": 0.01}]})",
      options));
  client user{options};
  user.log_in();
  user.wait(4min);
  user.deploy("2.0", 50.0);
  user.wait(6min);
  EXPECT_NEAR(user.metric("error_rate", "6m"), 0.01, 0.005);
  EXPECT_NEAR(user.metric("error_rate", "6m", "stable"), 0.01, 0.005);
  user.wait(10min);
  EXPECT_NEAR(user.metric("error_rate", "10m"), 0.3, 0.02);
  EXPECT_NEAR(user.metric("error_rate", "10m", "stable"), 0.3, 0.02);
  user.wait(20min);
  EXPECT_NEAR(user.metric("error_rate", "10m"), 0.01, 0.005);
  EXPECT_NEAR(user.metric("error_rate", "10m", "stable"), 0.01, 0.005);
}

TEST(scenario, the_stable_version_has_a_profile_of_its_own) {
  world_options options;
  ASSERT_TRUE(apply_scenario(R"({
    "bots": {"bot_a": {"stable_version": "1.0"}},
    "profiles": [{"version": "1.0", "error_rate": 0.2}]
  })",
                             options));
  client user{options};
  user.log_in().deploy("2.0", 50.0);
  user.wait(10min);
  EXPECT_NEAR(user.metric("error_rate", "10m", "stable"), 0.2, 0.02);
  EXPECT_NEAR(user.metric("error_rate", "10m"), 0.01, 0.005);
}

TEST(scenario, an_empty_one_changes_nothing) {
  world_options options;
  ASSERT_TRUE(apply_scenario("{}", options));
  EXPECT_EQ(options.api.traffic.arrivals_per_minute, 6000.0);
  EXPECT_TRUE(options.faults.empty());
}

struct wrong_scenario {
  std::string_view text;
  std::string_view pointer;
  std::string_view complaint;
};

TEST(scenario, what_is_wrong_is_named) {
  for (const auto& [text, pointer, complaint] : {
           wrong_scenario{"{", "", ""},
           {"[]", "", "object"},
           {R"({"seeds": 1})", "/seeds", "seed"},
           {R"({"seed": 1.5})", "/seed", "1.5"},
           {R"({"arrivals": -1})", "/arrivals", "-1"},
           {R"({"token_lifetime": 0})", "/token_lifetime", "0"},
           {R"({"bots": {"a": {"speed": 1}}})", "/bots/a/speed", "unknown"},
           {R"({"profiles": [{}, {"error_rate": 2}]})", "/profiles/1/error_rate", "2"},
           {R"({"profiles": [{"at": 5, "from": 5}]})", "/profiles/0/at", "not both"},
           {R"({"profiles": {}})", "/profiles", ""},
           {R"({"faults": [{}]})", "/faults/0/kind", "fault"},
           {R"({"faults": [{"kind": "fire"}]})", "/faults/0/kind", "fire"},
           {R"({"faults": [{"kind": "html", "calls": ["poll"]}]})", "/faults/0/calls/0", "poll"},
           {R"({"faults": [{"kind": "html", "status": 200}]})", "/faults/0/status", "200"},
           {R"({"seed": 1, "seed": 2})", "/seed", ""},
       }) {
    world_options options;
    const auto applied = apply_scenario(text, options);
    ASSERT_FALSE(applied) << text;
    EXPECT_EQ(applied.error().front().pointer, pointer) << text;
    EXPECT_THAT(applied.error().front().message, HasSubstr(complaint)) << text;
  }
}

TEST(scenario, every_problem_is_reported_at_once) {
  world_options options;
  const auto applied = apply_scenario(R"({"seed": "x", "arrivals": -1, "colour": "red"})", options);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().size(), 3U);
  EXPECT_EQ(applied.error().front().line, 1U);
}

TEST(scenario, a_fault_is_read_alone_as_well) {
  const auto found = read_fault(boost::json::parse(R"({"kind":"lost_after","calls":["deploy"]})"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, fault_kind::lost_after);
  EXPECT_EQ(found->delay, std::nullopt);
  EXPECT_FALSE(read_fault(boost::json::parse("[]")));
  EXPECT_FALSE(read_fault(boost::json::parse("{}")));
}

}  // namespace
}  // namespace canaryd::sim
