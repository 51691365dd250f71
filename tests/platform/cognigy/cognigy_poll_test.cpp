// Polling a canary: its metrics, and whether it still is what was deployed.

#include "canaryd/platform/cognigy/cognigy_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/cognigy/driver_fixture.hpp"

namespace canaryd::platform::cognigy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class poll_on_cognigy : public cognigy_test {
 protected:
  void SetUp() override { ASSERT_TRUE(deploy()); }

  poll_answer poll_with(metrics_query query) { return time.await(api.poll(where, query)); }
};

TEST_F(poll_on_cognigy, asks_the_sources_about_the_arm) {
  int sent = 0;
  const auto told = poll_with({.of = arm::canary,
                               .deployment_id = id,
                               .canary_percent = 5.0,
                               .further = {"escalations"},
                               .window = 15min,
                               .time = 60s,
                               .on_sent = [&] { ++sent; }});
  ASSERT_TRUE(told.outcome);
  EXPECT_EQ(told.outcome->sample.conversation_count, 100);
  EXPECT_EQ(told.window, 15min);
  EXPECT_EQ(told.asked_at, async::clock::now());
  EXPECT_EQ(sent, 1);
  ASSERT_THAT(reader.asked, SizeIs(1));
  const auto& asked = reader.asked[0];
  EXPECT_EQ(asked.bot_id, "orders");
  EXPECT_EQ(asked.environment_id, "prod");
  EXPECT_EQ(asked.version, "2.0");
  EXPECT_EQ(asked.deployment_id, id);
  EXPECT_EQ(asked.arm, "canary");
  EXPECT_EQ(asked.endpoint_token, "token-canary");
  EXPECT_EQ(asked.snapshot_id, new_snapshot);
  EXPECT_EQ(asked.further, std::vector<std::string>{"escalations"});
  EXPECT_EQ(asked.to, async::clock::wall_now());
  EXPECT_EQ(asked.to - asked.from, 15min);
  EXPECT_EQ(asked.time, 60s);
}

TEST_F(poll_on_cognigy, asks_about_whatever_the_stable_arm_serves) {
  ASSERT_TRUE(
      poll_with({.of = arm::stable, .deployment_id = id, .window = 15min, .time = 60s}).outcome);
  EXPECT_EQ(reader.asked[0].arm, "stable");
  EXPECT_EQ(reader.asked[0].endpoint_token, "token-stable");
  EXPECT_EQ(reader.asked[0].snapshot_id, "");
}

TEST_F(poll_on_cognigy, finds_out_what_the_canary_is_where_it_is_not_told) {
  ASSERT_TRUE(poll_with({.window = 15min, .time = 60s}).outcome);
  EXPECT_EQ(reader.asked[0].snapshot_id, new_snapshot);
  EXPECT_EQ(reader.asked[0].deployment_id, id);
}

TEST_F(poll_on_cognigy, counts_whole_units_from_the_moment_that_it_is_told) {
  const auto from = async::clock::now();
  const auto wall = async::clock::wall_now();
  time.run_for(30'400ms);
  const auto told =
      poll_with({.deployment_id = id, .window = 15min, .counted_from = from, .time = 60s});
  EXPECT_EQ(told.window, 30s);
  EXPECT_EQ(reader.asked[0].from, wall);
  EXPECT_EQ(reader.asked[0].to, wall + 30s);
}

TEST_F(poll_on_cognigy, passes_on_what_the_sources_say) {
  reader.answer = canaryd::failure(fault::try_again, "prom: 503");
  const auto failed = poll();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, fault::try_again);
  EXPECT_EQ(failed.error().text, "prom: 503");
}

TEST_F(poll_on_cognigy, goes_on_where_the_api_does_not_answer) {
  black_hole();
  reader.takes = 1s;
  const auto begun = async::clock::now();
  EXPECT_TRUE(poll());
  EXPECT_EQ(async::clock::now(), begun + 5s);
  EXPECT_EQ(api.typical_poll(), 1s);
  transport.reply_to = [](const net::request&) { return answer(500); };
  EXPECT_TRUE(poll());
}

TEST_F(poll_on_cognigy, waits_no_longer_for_the_api_than_its_answers_usually_take) {
  EXPECT_TRUE(poll());
  black_hole();
  const auto begun = async::clock::now();
  EXPECT_TRUE(poll());
  EXPECT_EQ(async::clock::now(), begun + 1s);
  EXPECT_EQ(api.typical_poll(), 0s);
}

TEST_F(poll_on_cognigy, needs_the_api_once_in_each_process) {
  start_anew();
  black_hole();
  EXPECT_FALSE(poll());
  EXPECT_THAT(reader.asked, IsEmpty());
  transport.reply_to = [this](const net::request& message) { return project.reply(message); };
  EXPECT_TRUE(poll());
  black_hole();
  EXPECT_TRUE(poll());
}

TEST_F(poll_on_cognigy, is_refused_where_somebody_else_changed_the_endpoint) {
  const auto expect_refusal = [this](std::string_view text) {
    const auto refused = poll();
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, fault::refused);
    EXPECT_THAT(refused.error().text, HasSubstr(std::string{text}));
  };
  for (int i = 0; i < 2; ++i) {
    canary().entrypoint = old_snapshot;
    expect_refusal("somebody else has changed it");
    // The second time of what is remembered.
    expect_refusal("somebody else has changed it");
    canary().entrypoint = new_snapshot;
    EXPECT_TRUE(poll());
    canary().active = false;
    expect_refusal("is not active");
    canary().active = true;
    canary().use_analytics = false;
    expect_refusal("has no analytics");
    canary().use_analytics = true;
    start_anew();
  }
  project.endpoints.erase(canary_id);
  EXPECT_FALSE(poll());
}

TEST_F(poll_on_cognigy, never_trusts_an_endpoint_that_was_last_seen_changed) {
  canary().entrypoint = old_snapshot;
  EXPECT_FALSE(poll());
  black_hole();
  reader.asked.clear();
  EXPECT_FALSE(poll());
  EXPECT_THAT(reader.asked, IsEmpty());
}

TEST_F(poll_on_cognigy, sets_a_share_again_that_a_restart_of_the_splitter_lost) {
  EXPECT_TRUE(poll());
  splits.restart();
  EXPECT_TRUE(poll());
  EXPECT_EQ(share(), 500);
  ASSERT_THAT(oddities, SizeIs(1));
  EXPECT_THAT(oddities[0], HasSubstr("the splitter was restarted"));
  EXPECT_TRUE(poll());
  EXPECT_THAT(oddities, SizeIs(1));
}

TEST_F(poll_on_cognigy, sets_it_again_after_a_restart_of_the_whole_machine) {
  start_anew();
  splits.restart();
  EXPECT_TRUE(poll());
  EXPECT_EQ(share(), 500);
}

TEST_F(poll_on_cognigy, never_fights_for_a_share_that_somebody_else_set) {
  for (const basis_points set : {0, 700}) {
    splits.shares["orders"] = set;
    splits.backends["orders_canary"].sessions = 12;
    for (int i = 0; i < 2; ++i) {
      const auto refused = poll();
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, fault::refused);
      EXPECT_THAT(refused.error().text, HasSubstr("and not 5%: somebody else has changed it"));
      EXPECT_EQ(share(), set);
      start_anew();
    }
  }
  EXPECT_THAT(reader.asked, IsEmpty());
}

TEST_F(poll_on_cognigy, never_gives_a_share_back_that_a_rollback_took_away) {
  black_hole();
  ASSERT_TRUE(roll_back());
  EXPECT_TRUE(poll());
  splits.restart();
  EXPECT_TRUE(poll());
  EXPECT_EQ(share(), 0);
  splits.shares["orders"] = 700;
  EXPECT_EQ(poll().error().kind, fault::try_again);
  EXPECT_EQ(share(), 700);
}

TEST_F(poll_on_cognigy, knows_a_change_of_its_own_that_the_job_has_not_heard_of_yet) {
  ASSERT_TRUE(time.await(api.change_traffic(where, id, 25.0, "k", priority::change)));
  EXPECT_TRUE(poll(5.0));
  EXPECT_TRUE(poll(25.0));
  EXPECT_EQ(share(), 2500);
}

TEST_F(poll_on_cognigy, fails_where_the_splitter_does_not_answer) {
  splits.trouble = {.kind = fault::unreachable, .text = "no such socket"};
  EXPECT_EQ(poll().error().kind, fault::unreachable);
  splits.trouble.reset();
  splits.shares.clear();
  EXPECT_EQ(poll().error().kind, fault::refused);
  EXPECT_THAT(reader.asked, IsEmpty());
}

TEST_F(poll_on_cognigy, ends_within_its_time) {
  start_anew();
  black_hole();
  const auto begun = async::clock::now();
  EXPECT_FALSE(poll_with({.deployment_id = id, .window = 15min, .time = 2s}).outcome);
  EXPECT_EQ(async::clock::now(), begun + 2s);
}

}  // namespace
}  // namespace canaryd::platform::cognigy
