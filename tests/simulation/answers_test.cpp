// Ordinary servers, proxies and clocks change the answers, and no canary may suffer from that
// (reference: "API answers", "Retries").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"
#include <algorithm>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;
using testing::HasSubstr;

constexpr auto long_past = "Thu, 01 Jan 1970 00:00:00 GMT";

class answers : public testing::Test {
 protected:
  void strike(sim::fault fault) { daemon.world().add_fault(std::move(fault)); }
  void drop(const std::string& bot, std::string_view version = "1.0",
            boost::json::object changes = {}) {
    changes["bot_id"] = bot;
    daemon.drop(bot + ".json", simulated_daemon::job(version, changes));
  }
  std::string outcome_of(const std::string& job) {
    return std::string{daemon.result_of(job).at("status").as_string()};
  }
  std::uint64_t count(call what) { return daemon.world().count(what); }
  // The number of polls for that bot in the last `time`.
  std::ptrdiff_t polls_of(std::string_view bot, duration time) {
    const auto since = daemon.now().now - time;
    return std::ranges::count_if(daemon.world().requests(), [&](const auto& request) {
      return request.what == call::metrics && request.bot_id == bot && request.at >= since;
    });
  }

  simulated_daemon daemon;
};

class retry_after : public answers, public testing::WithParamInterface<const char*> {};

TEST_P(retry_after, does_not_take_a_healthy_canary_back) {
  strike({.kind = fault_kind::rate_limited,
          .calls = {call::promote},
          .until = 330s,
          .retry_after_text = GetParam()});
  daemon.start();
  drop("bot");
  EXPECT_EQ(outcome_of("bot"), "promoted_to_stable");
  EXPECT_LE(count(call::promote), 10U);
}

TEST_P(retry_after, does_not_fail_a_deploy) {
  strike({.kind = fault_kind::status,
          .calls = {call::deploy},
          .until = 30s,
          .retry_after_text = GetParam()});
  daemon.start();
  drop("bot");
  EXPECT_EQ(outcome_of("bot"), "promoted_to_stable");
}

TEST_P(retry_after, does_not_let_a_rollback_storm) {
  strike({.kind = fault_kind::status,
          .calls = {call::rollback},
          .until = 10min,
          .retry_after_text = GetParam()});
  daemon.start();
  drop("bot", "1.0-bad");
  EXPECT_EQ(outcome_of("bot"), "rolled_back");
  EXPECT_LE(count(call::rollback), 60U);
}

TEST_P(retry_after, does_not_let_tokens_storm) {
  strike({.kind = fault_kind::rate_limited,
          .calls = {call::token},
          .until = 5min,
          .retry_after_text = GetParam()});
  daemon.start();
  for (const auto* bot : {"a", "b", "c", "d"})
    drop(bot);
  for (const auto* bot : {"a", "b", "c", "d"})
    EXPECT_EQ(outcome_of(bot), "promoted_to_stable");
  EXPECT_LE(count(call::token), 60U);
}

INSTANTIATE_TEST_SUITE_P(values, retry_after,
                         testing::Values("0", long_past, "-1", "soon", "1e9",
                                         "99999999999999999999999"));

TEST_F(answers, one_429_does_not_leave_all_canaries_unwatched) {
  daemon.start();
  drop("greedy");
  drop("other");
  daemon.run_for(20s);
  daemon.host().seen().excuse_lateness();
  strike({.kind = fault_kind::rate_limited,
          .bot = "greedy",
          .calls = {call::metrics},
          .count = 1,
          .retry_after = 300s});
  daemon.run_for(110s);
  EXPECT_GE(polls_of("other", 50s), 1);
  EXPECT_GE(polls_of("greedy", 50s), 1);
}

TEST_F(answers, no_429_holds_up_an_abort) {
  daemon.start();
  drop("bot");
  daemon.run_for(20s);
  daemon.host().seen().excuse_lateness();
  strike({.kind = fault_kind::rate_limited,
          .calls = {call::metrics},
          .count = 1,
          .retry_after = 300s});
  daemon.run_for(20s);
  ASSERT_EQ(daemon.world().deployments().front().status, sim::deployment_status::active);
  daemon.host().order("bot", canary::command_kind::abort);
  daemon.run_for(1s);
  EXPECT_EQ(daemon.world().deployments().front().status, sim::deployment_status::rolled_back);
}

TEST_F(answers, no_429_holds_up_taking_the_traffic_away) {
  strike({.kind = fault_kind::status, .calls = {call::rollback}, .until = 5min, .status = 403});
  daemon.start();
  drop("bot");
  daemon.run_for(20s);
  daemon.host().seen().excuse_lateness();
  strike({.kind = fault_kind::rate_limited,
          .calls = {call::metrics},
          .count = 1,
          .retry_after = 300s});
  daemon.run_for(20s);
  daemon.host().order("bot", canary::command_kind::abort);
  daemon.run_for(1s);
  EXPECT_EQ(daemon.world().deployments().front().canary_percent, 0.0);
  EXPECT_EQ(outcome_of("bot"), "rolled_back");
}

TEST_F(answers, connections_that_carry_one_request_keep_nothing_from_getting_through) {
  strike({.kind = fault_kind::lost_on_reuse});
  daemon.start();
  drop("good");
  drop("bad", "1.0-bad");
  EXPECT_EQ(outcome_of("bad"), "rolled_back");
  EXPECT_EQ(outcome_of("good"), "promoted_to_stable");
  EXPECT_LE(count(call::rollback), 3U);
  EXPECT_LE(count(call::promote), 3U);
}

TEST_F(answers, what_a_token_says_of_its_life_does_not_matter) {
  for (const auto* told : {R"("3600")", "0", "-1", "999999999", "true", R"("soon")", "null"}) {
    strike({.kind = fault_kind::odd_expiry, .calls = {call::token}, .value = told});
    const auto asked_before = count(call::token);
    daemon.start();
    drop("bot");
    daemon.run_for(4min);
    EXPECT_EQ(daemon.world().deployments().back().status, sim::deployment_status::active) << told;
    EXPECT_LE(count(call::token) - asked_before, 6U) << told;
    daemon.host().order("bot", canary::command_kind::abort);
    daemon.run_for(1min);
    daemon.stop();
    daemon.forget();
    daemon.world().clear_faults();
  }
}

TEST_F(answers, a_byte_order_mark_is_skipped) {
  strike({.kind = fault_kind::byte_order_mark});
  daemon.start();
  drop("bot");
  EXPECT_EQ(outcome_of("bot"), "promoted_to_stable");
  EXPECT_EQ(daemon.logged("provider_error"), 0U);
}

TEST_F(answers, a_coding_that_nobody_asked_for_is_named) {
  strike({.kind = fault_kind::coded, .calls = {call::metrics}});
  daemon.start();
  drop("bot");
  EXPECT_EQ(daemon.result_of("bot").at("reason"), "provider_unavailable");
  EXPECT_THAT(daemon.log_text(), HasSubstr("in the coding gzip"));
}

TEST_F(answers, metrics_that_are_always_unauthorized_get_few_tokens) {
  strike({.kind = fault_kind::unauthorized, .calls = {call::metrics}});
  daemon.settings().api().rate_limit.requests = 100'000;
  daemon.start();
  for (int bot = 0; bot < 30; ++bot)
    drop("bot_" + std::to_string(bot), "1.0",
         {{"validation_interval", 5}, {"provider_error_limit", 1000}});
  daemon.run_for(5min);
  EXPECT_GE(count(call::metrics), 1000U);
  EXPECT_LE(count(call::token), 16U);
}

TEST_F(answers, no_record_is_lost_to_a_page_or_a_redirection) {
  strike({.kind = fault_kind::status, .calls = {call::audit}, .until = 2min, .status = 302});
  strike({.kind = fault_kind::html, .calls = {call::audit}, .from = 2min, .until = 4min});
  daemon.start();
  drop("bot");
  EXPECT_EQ(outcome_of("bot"), "promoted_to_stable");
  EXPECT_THAT(daemon.audits_of("bot"),
              testing::IsSupersetOf({"canary_initiated/success", "canary_completed/success"}));
  EXPECT_EQ(daemon.logged("refused for good"), 0U);
}

TEST_F(answers, a_redirection_of_a_promote_does_not_take_a_healthy_canary_back) {
  strike({.kind = fault_kind::status, .calls = {call::promote}, .until = 330s, .status = 302});
  daemon.start();
  drop("bot");
  EXPECT_EQ(outcome_of("bot"), "promoted_to_stable");
}

}  // namespace
}  // namespace canaryd::simulation
