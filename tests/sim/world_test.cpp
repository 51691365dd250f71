#include "canaryd/sim/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(world, requests_are_counted_and_logged) {
  client user;
  user.log_in().deploy();
  user.wait(10s);
  user.metrics();
  user.played.add_fault({.kind = fault_kind::lost_before});
  user.answer("POST", "/api/v1/deployments/dep-1/rollback", rollback_body);
  EXPECT_EQ(user.played.count(call::token), 1U);
  EXPECT_EQ(user.played.count(call::deploy), 1U);
  EXPECT_EQ(user.played.count(call::metrics), 1U);
  EXPECT_EQ(user.played.count(call::rollback), 1U);
  const auto& log = user.played.requests();
  ASSERT_EQ(log.size(), 4U);
  EXPECT_EQ(log[1].what, call::deploy);
  EXPECT_EQ(log[1].bot_id, "bot_a");
  EXPECT_EQ(log[1].status, 201);
  EXPECT_EQ(log[1].idempotency_key, "key-2");
  EXPECT_EQ(log[2].at, instant{1h} + 10s);
  EXPECT_EQ(log[3].bot_id, "bot_a");
  EXPECT_EQ(log[3].deployment_id, "dep-1");
  EXPECT_EQ(log[3].ended, outcome::lost_before);
  EXPECT_EQ(log[3].status, 0);
  EXPECT_TRUE(log[3].struck_by_fault);
}

TEST(world, only_the_newest_requests_are_kept) {
  world_options options;
  options.requests_kept = 2;
  client user{options};
  user.log_in().metrics("1m");
  user.metrics("2m");
  EXPECT_EQ(user.played.requests().size(), 2U);
  EXPECT_EQ(user.played.requests().front().what, call::metrics);
}

TEST(world, more_requests_than_the_limit_in_any_window_are_a_violation) {
  world_options options;
  options.limit = request_limit{.requests = 3, .per = 10s, .enforce = false};
  client user{options};
  user.log_in().metrics();
  user.wait(9s);
  user.metrics();
  user.wait(999ms);
  EXPECT_EQ(user.metrics().status, 200);
  ASSERT_EQ(user.played.violation_count(), 1U);
  EXPECT_EQ(user.played.violations().front().kind, violation_kind::rate_exceeded);
  user.wait(1ms);
  user.metrics();
  EXPECT_EQ(user.played.violation_count(), 1U);
}

TEST(world, the_limit_may_be_enforced) {
  world_options options;
  options.limit = request_limit{.requests = 2, .per = 10s, .enforce = true};
  client user{options};
  user.log_in().metrics();
  user.wait(4s);
  const auto refused = user.metrics();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(net::find_header(refused.headers, "Retry-After"), "6");
  user.wait(6s);
  EXPECT_EQ(user.metrics().status, 200);
}

TEST(world, a_body_over_1_MiB_is_refused) {
  client user;
  EXPECT_EQ(user.log_in()
                .answer("POST", "/api/v1/audit/logs", std::string(1024UL * 1024 + 1, ' '))
                .status,
            413);
}

TEST(world, notes_tell_what_happened_since_the_last_take) {
  client user;
  const auto id = user.log_in().deploy("2.0-bad");
  EXPECT_THAT(user.played.take_notes(),
              testing::ElementsAre("deploy       bot_a/prod version=2.0-bad canary=5% -> dep-1"));
  EXPECT_THAT(user.played.take_notes(), IsEmpty());
  user.metrics();
  EXPECT_THAT(user.played.take_notes(), IsEmpty());
  user.answer("PATCH", "/api/v1/deployments/" + id, traffic_body(10.0));
  user.answer("POST", "/api/v1/deployments/" + id + "/rollback", rollback_body);
  user.answer("POST", "/api/v1/audit/logs", audit_body("r1"));
  user.answer("POST", "/api/v1/webhooks", webhook_body());
  user.played.add_fault({.kind = fault_kind::status});
  user.metrics();
  const auto notes = user.played.take_notes();
  ASSERT_EQ(notes.size(), 5U);
  EXPECT_THAT(notes[0], AllOf(HasSubstr("traffic"), HasSubstr("canary=10%")));
  EXPECT_THAT(notes[1], AllOf(HasSubstr("rollback"), HasSubstr("dep-1")));
  EXPECT_THAT(notes[2], AllOf(HasSubstr("audit"), HasSubstr("canary_initiated success")));
  EXPECT_THAT(notes[3], AllOf(HasSubstr("webhook"), HasSubstr("https://ci.example.com/hook")));
  EXPECT_EQ(notes[4], "fault        status metrics bot_a");
}

TEST(world, violations_are_all_counted_and_a_thousand_kept) {
  client user;
  user.log_in();
  auto request = user.request("GET", "/api/v1/webhooks");
  request.headers.erase(request.headers.begin());
  for (int i = 0; i < 1001; ++i)
    user.play(request);
  EXPECT_EQ(user.played.violation_count(), 1001U);
  EXPECT_EQ(user.played.violations().size(), 1000U);
}

}  // namespace
}  // namespace canaryd::sim
