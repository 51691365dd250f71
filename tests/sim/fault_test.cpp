#include "canaryd/sim/fault.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

using testing::HasSubstr;

// Makes a client of a world with one fault, a canary and five minutes of conversations.
client struck_by(fault what) {
  client user;
  user.log_in().deploy();
  user.wait(5min);
  user.played.add_fault(std::move(what));
  return user;
}

reply poll(client& user) {
  return user.play(
      user.request("GET", "/api/v1/metrics/conversations?botId=bot_a&window=5m&metricType=canary"));
}

TEST(fault, a_name_leads_to_its_kind_and_back) {
  for (auto place = 0; place <= static_cast<int>(fault_kind::late_metrics); ++place) {
    const auto kind = static_cast<fault_kind>(place);
    EXPECT_EQ(fault_kind_named(to_string(kind)), kind);
  }
  EXPECT_EQ(fault_kind_named("late"), std::nullopt);
}

struct status_case {
  fault what;
  int status;
};

TEST(fault, a_failing_status_takes_the_place_of_the_answer) {
  for (const auto& [what, status] : {status_case{{.kind = fault_kind::unauthorized}, 401},
                                     {{.kind = fault_kind::rate_limited}, 429},
                                     {{.kind = fault_kind::status}, 503},
                                     {{.kind = fault_kind::status, .status = 403}, 403},
                                     {{.kind = fault_kind::status_after, .status = 500}, 500}}) {
    auto user = struck_by(what);
    const auto result = poll(user);
    EXPECT_EQ(result.answer.status, status);
    EXPECT_EQ(result.ended, outcome::answered);
    EXPECT_EQ(net::find_header(result.answer.headers, "Retry-After"), std::nullopt);
  }
}

TEST(fault, a_redirection_says_where_to) {
  auto user = struck_by({.kind = fault_kind::status, .status = 302});
  EXPECT_TRUE(net::find_header(poll(user).answer.headers, "Location"));
}

TEST(fault, retry_after_may_be_any_text) {
  auto user =
      struck_by({.kind = fault_kind::status, .retry_after = 5s, .retry_after_text = "yesterday"});
  EXPECT_EQ(net::find_header(poll(user).answer.headers, "Retry-After"), "yesterday");
}

TEST(fault, a_byte_order_mark_or_a_coding_is_put_on_the_answer) {
  auto marked = struck_by({.kind = fault_kind::byte_order_mark});
  EXPECT_TRUE(poll(marked).answer.body.starts_with("\xEF\xBB\xBF{"));
  auto coded = struck_by({.kind = fault_kind::coded});
  EXPECT_EQ(net::find_header(poll(coded).answer.headers, "Content-Encoding"), "gzip");
}

TEST(fault, a_token_may_say_anything_of_its_life) {
  auto user = struck_by({.kind = fault_kind::odd_expiry, .value = R"("3600")"});
  EXPECT_THAT(user.ask_token().body, HasSubstr(R"("expires_in":"3600",)"));
}

TEST(fault, a_used_connection_breaks_and_a_fresh_one_does_not) {
  auto user = struck_by({.kind = fault_kind::lost_on_reuse});
  EXPECT_EQ(poll(user).ended, outcome::answered);
  const auto message =
      user.request("GET", "/api/v1/metrics/conversations?botId=bot_a&window=5m&metricType=canary");
  const auto result = user.played.handle(message, user.now, user.when().wall, true);
  EXPECT_EQ(result.ended, outcome::lost_before);
  EXPECT_TRUE(result.on_used_connection);
}

TEST(fault, retry_after_is_seconds_or_a_date) {
  auto user = struck_by({.kind = fault_kind::rate_limited, .count = 1, .retry_after = 90s});
  EXPECT_EQ(net::find_header(poll(user).answer.headers, "Retry-After"), "90");
  user.played.add_fault(
      {.kind = fault_kind::status, .retry_after = 55s, .retry_after_as_date = true});
  EXPECT_EQ(net::find_header(poll(user).answer.headers, "Retry-After"),
            "Fri, 04 Oct 2024 00:05:55 GMT");
}

TEST(fault, what_comes_before_processing_leaves_nothing_behind) {
  for (const auto kind : {fault_kind::unauthorized, fault_kind::rate_limited, fault_kind::status,
                          fault_kind::lost_before}) {
    client user;
    user.log_in().played.add_fault({.kind = kind, .calls = {call::deploy}, .count = 1});
    user.answer("POST", "/api/v1/bots/bot_a/deploy", deploy_body());
    EXPECT_TRUE(user.played.deployments().empty()) << to_string(kind);
    user.deploy();
    EXPECT_EQ(user.played.deployments().size(), 1U) << to_string(kind);
  }
}

TEST(fault, what_comes_after_processing_leaves_the_deployment_behind) {
  for (const auto kind : {fault_kind::lost_after, fault_kind::status_after, fault_kind::html,
                          fault_kind::no_id, fault_kind::cut_body, fault_kind::truncated_json}) {
    client user;
    user.log_in().played.add_fault({.kind = kind, .calls = {call::deploy}, .count = 1});
    const auto result = user.play(user.request("POST", "/api/v1/bots/bot_a/deploy", deploy_body()));
    EXPECT_EQ(user.played.deployments().size(), 1U) << to_string(kind);
    EXPECT_EQ(result.answer.body.find("deploymentId") != std::string::npos &&
                  result.ended == outcome::answered && !result.cut_body,
              kind == fault_kind::truncated_json);
  }
}

TEST(fault, lost_answers_say_when_the_connection_breaks) {
  auto before = struck_by({.kind = fault_kind::lost_before});
  EXPECT_EQ(poll(before).ended, outcome::lost_before);
  EXPECT_EQ(poll(before).delay, 0s);
  auto after = struck_by({.kind = fault_kind::lost_after});
  EXPECT_EQ(poll(after).ended, outcome::lost_after);
  EXPECT_EQ(poll(after).delay, duration::max());
  after.played.add_fault({.kind = fault_kind::slow, .delay = 3s});
  EXPECT_EQ(poll(after).delay, duration::max());
  auto broken = struck_by({.kind = fault_kind::lost_after, .delay = 2s});
  EXPECT_EQ(poll(broken).delay, 2s);
}

TEST(fault, slow_answers_come_later) {
  world_options options;
  options.answer_delay = 20ms;
  client user{options};
  user.log_in();
  EXPECT_EQ(poll(user).delay, 20ms);
  user.played.add_fault({.kind = fault_kind::slow, .delay = 3s});
  EXPECT_EQ(poll(user).delay, 3020ms);
  EXPECT_EQ(poll(user).answer.status, 200);
}

TEST(fault, bodies_are_spoilt) {
  auto page = struck_by({.kind = fault_kind::html});
  EXPECT_EQ(poll(page).answer.status, 200);
  EXPECT_THAT(poll(page).answer.body, HasSubstr("<html>"));
  auto early = struck_by({.kind = fault_kind::truncated_json});
  boost::system::error_code ec;
  boost::json::parse(poll(early).answer.body, ec);
  EXPECT_TRUE(ec);
  auto big = struck_by({.kind = fault_kind::oversize});
  EXPECT_EQ(poll(big).answer.body.size(), 1024U * 1024U + 1U);
  auto cut = struck_by({.kind = fault_kind::cut_body});
  EXPECT_TRUE(poll(cut).cut_body);
}

struct metric_case {
  fault_kind kind;
  std::string_view shown;
};

TEST(fault, metrics_are_spoilt_one_at_a_time) {
  for (const auto& [kind, shown] :
       {metric_case{fault_kind::not_a_number, R"("avg_latency_ms":NaN,)"},
        {fault_kind::infinite, R"("avg_latency_ms":1e400,)"},
        {fault_kind::negative, R"("avg_latency_ms":-1,)"},
        {fault_kind::out_of_range, R"("avg_latency_ms":1e18,)"},
        {fault_kind::text_for_number, R"("avg_latency_ms":"0.01",)"},
        {fault_kind::null_metric, R"("avg_latency_ms":null,)"},
        {fault_kind::duplicate_key, R"(,"avg_latency_ms":0})"}}) {
    auto user = struck_by({.kind = kind, .metric = "avg_latency_ms"});
    EXPECT_THAT(poll(user).answer.body, HasSubstr(shown));
    EXPECT_THAT(poll(user).answer.body, HasSubstr(R"("error_rate":0.)"));
  }
  auto user = struck_by({.kind = fault_kind::missing_metric, .metric = "avg_latency_ms"});
  EXPECT_EQ(poll(user).answer.body.find("avg_latency_ms"), std::string::npos);
  auto other = struck_by({.kind = fault_kind::missing_metric, .metric = "no_such_metric"});
  EXPECT_THAT(poll(other).answer.body, HasSubstr(R"("satisfaction_count")"));
}

TEST(fault, a_missing_metric_is_missing_however_often_it_would_be_there) {
  auto user = struck_by({.kind = fault_kind::duplicate_key, .metric = "error_rate"});
  user.played.add_fault({.kind = fault_kind::missing_metric, .metric = "error_rate"});
  EXPECT_EQ(poll(user).answer.body.find("error_rate"), std::string::npos);
}

TEST(fault, late_metrics_are_seen_later) {
  auto user = struck_by({.kind = fault_kind::late_metrics, .delay = 4min});
  const auto late = boost::json::parse(poll(user).answer.body).at("conversation_count");
  user.played.clear_faults();
  const auto prompt = boost::json::parse(poll(user).answer.body).at("conversation_count");
  EXPECT_GT(late.get_int64(), 100);
  EXPECT_LT(late.get_int64() * 3, prompt.get_int64());
}

TEST(fault, it_strikes_only_the_calls_it_names) {
  auto user = struck_by({.kind = fault_kind::status, .calls = {call::metrics, call::rollback}});
  EXPECT_EQ(poll(user).answer.status, 503);
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments/dep-1").status, 200);
  EXPECT_EQ(user.answer("POST", "/api/v1/deployments/dep-1/rollback", rollback_body).status, 503);
}

TEST(fault, it_strikes_only_the_bot_it_names) {
  auto user = struck_by({.kind = fault_kind::status, .bot = "bot_a"});
  EXPECT_EQ(user.metrics("5m", "canary", "bot_a").status, 503);
  EXPECT_EQ(user.metrics("5m", "canary", "bot_b").status, 200);
  EXPECT_EQ(user.answer("POST", "/api/v1/bots/bot_a/deploy", deploy_body()).status, 503);
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments/dep-1").status, 503);
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments?botId=bot_a").status, 503);
  EXPECT_EQ(user.answer("POST", "/api/v1/audit/logs", audit_body("r1", "bot_a")).status, 503);
  EXPECT_EQ(user.answer("POST", "/api/v1/audit/logs", audit_body("r2", "bot_b")).status, 201);
  const auto hook = [&](std::string_view name) {
    return user.answer("POST", "/api/v1/webhooks", webhook_body(name)).status;
  };
  EXPECT_EQ(hook("canary_completion_bot_a"), 503);
  EXPECT_EQ(hook("canary_completion_bot_a_0123abcd"), 503);
  EXPECT_EQ(hook("canary_completion_bot_b"), 201);
  EXPECT_EQ(user.answer("GET", "/api/v1/webhooks").status, 200);
  EXPECT_EQ(user.ask_token().status, 200);
}

TEST(fault, a_count_ends_it) {
  auto user = struck_by({.kind = fault_kind::status, .calls = {call::metrics}, .count = 2});
  EXPECT_EQ(poll(user).answer.status, 503);
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments/dep-1").status, 200);
  EXPECT_EQ(poll(user).answer.status, 503);
  EXPECT_EQ(poll(user).answer.status, 200);
}

TEST(fault, a_schedule_bounds_it) {
  auto user = struck_by({.kind = fault_kind::status, .from = 6min, .until = 7min});
  EXPECT_EQ(poll(user).answer.status, 200);
  user.wait(1min - 1ns);
  EXPECT_EQ(poll(user).answer.status, 200);
  user.wait(1ns);
  EXPECT_EQ(poll(user).answer.status, 503);
  user.wait(1min);
  EXPECT_EQ(poll(user).answer.status, 200);
}

TEST(fault, a_rate_strikes_that_share_and_always_the_same_requests) {
  const auto history = [] {
    auto user = struck_by({.kind = fault_kind::status, .rate = 0.3});
    std::vector<int> statuses;
    for (int i = 0; i < 1000; ++i)
      statuses.push_back(poll(user).answer.status);
    return statuses;
  };
  const auto statuses = history();
  EXPECT_NEAR(static_cast<double>(std::ranges::count(statuses, 503)), 300.0, 60.0);
  EXPECT_EQ(statuses, history());
}

TEST(fault, several_may_strike_at_once) {
  auto user = struck_by({.kind = fault_kind::slow, .delay = 3s});
  user.played.add_fault({.kind = fault_kind::null_metric, .metric = "error_rate"});
  user.played.add_fault({.kind = fault_kind::null_metric, .metric = "satisfaction_score"});
  const auto result = poll(user);
  EXPECT_EQ(result.delay, 3s);
  EXPECT_THAT(result.answer.body, HasSubstr(R"("error_rate":null,"satisfaction_score":null)"));
}

TEST(fault, the_first_before_processing_leaves_later_ones_for_later) {
  auto user = struck_by({.kind = fault_kind::status, .count = 1, .status = 500});
  user.played.add_fault({.kind = fault_kind::status, .count = 1, .status = 502});
  EXPECT_EQ(poll(user).answer.status, 500);
  EXPECT_EQ(poll(user).answer.status, 502);
  EXPECT_EQ(poll(user).answer.status, 200);
}

}  // namespace
}  // namespace canaryd::sim
