#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_surplus : public canary_test {
 protected:
  void settles_the_first() {
    answer(surplus_answered{});
    expect_call(operation::read_surplus);
    answer(surplus_read{deployed_as(current.surplus_deployments.front(), "rolled_back")});
  }
};

TEST_F(canary_surplus, the_rest_is_rolled_back_one_after_the_other_while_the_oldest_is_watched) {
  deploys_three_times();
  EXPECT_TRUE(is_watched(current));
  EXPECT_EQ(idempotency_key(current, operation::rollback_surplus), "u1-rollback-dep-2");
  settles_the_first();
  EXPECT_EQ(idempotency_key(current, operation::rollback_surplus), "u1-rollback-dep-3");
  settles_the_first();
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.surplus_deployments.empty());
  EXPECT_FALSE(current.next_call);
}

TEST_F(canary_surplus, one_that_is_gone_is_settled) {
  deploys_three_times();
  answer(surplus_answered{refusal(404)});
  EXPECT_THAT(current.surplus_deployments, testing::ElementsAre("dep-3"));
}

TEST_F(canary_surplus, one_that_does_not_go_is_tried_again_with_an_alarm) {
  deploys_three_times();
  for (const auto wait : {500ms, 1000ms, 2000ms}) {
    answer(surplus_answered{server_error()});
    expect_call(operation::rollback_surplus, wait);
    EXPECT_TRUE(told(severity::critical, "dep-2"));
  }
}

TEST_F(canary_surplus, an_accepted_rollback_without_effect_is_repeated) {
  deploys_three_times();
  answer(surplus_answered{});
  answer(surplus_read{deployed_as("dep-2")});
  expect_call(operation::rollback_surplus, 500ms);
  EXPECT_THAT(current.surplus_deployments, testing::ElementsAre("dep-2", "dep-3"));
}

TEST_F(canary_surplus, a_refused_one_is_settled_only_where_its_status_says_so) {
  deploys_three_times();
  answer(surplus_answered{refusal(409)});
  expect_call(operation::read_surplus);
  answer(surplus_read{refusal(403)});
  EXPECT_EQ(current.surplus_deployments.front(), "dep-2");
  answer(surplus_answered{refusal(409)});
  answer(surplus_read{deployed_as("dep-2", "rolled_back")});
  EXPECT_EQ(current.surplus_deployments.front(), "dep-3");
}

TEST_F(canary_surplus, an_accepted_one_whose_status_may_not_be_read_is_settled) {
  deploys_three_times();
  answer(surplus_answered{});
  answer(surplus_read{refusal(403)});
  EXPECT_EQ(current.surplus_deployments.front(), "dep-3");
}

TEST_F(canary_surplus, the_status_of_the_canary_is_read_between_two_attempts) {
  deploys_three_times();
  while (at.now < current.hold.next_due)
    answer(surplus_answered{server_error()});
  reads(judge::verdict::no_data);
  expect_call(operation::read_status);
  answer(status_is("active"));
  expect_call(operation::rollback_surplus);
}

TEST_F(canary_surplus, nothing_is_promoted_before_they_are_settled) {
  deploys_three_times();
  reads_hold_ending_with(judge::verdict::pass);
  expect_state(canary_state::promoting);
  expect_call(operation::rollback_surplus);
  settles_the_first();
  settles_the_first();
  expect_call(operation::promote);
}

TEST_F(canary_surplus, the_canary_itself_is_rolled_back_first_and_ends_when_all_are_settled) {
  deploys_three_times();
  reads(judge::verdict::breach);
  expect_call(operation::rollback);
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_state(canary_state::rolling_back);
  settles_the_first();
  settles_the_first();
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_surplus, a_canary_that_will_not_go_does_not_keep_them_alive) {
  deploys_three_times();
  reads(judge::verdict::breach);
  answer(rollback_answered{server_error()});
  expect_call(operation::rollback_surplus, 500ms);
  settles_the_first();
  expect_call(operation::read_status);
  answer(status_is("active"));
  answer(rollback_answered{server_error()});
  answer(surplus_answered{server_error()});
  expect_call(operation::read_status);
  answer(status_is("rolled_back"));
  expect_call(operation::rollback_surplus);
  settles_the_first();
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_surplus, a_promote_by_somebody_else_ends_it_when_all_are_settled) {
  deploys_three_times();
  settles_the_first();
  while (at.now < current.hold.next_due)
    answer(surplus_answered{server_error()});
  reads(judge::verdict::no_data);
  answer(status_is("promoted"));
  expect_state(canary_state::rolling_back);
  happens(resumed{});
  settles_the_first();
  expect_end(canary_state::promoted_to_stable, reason::external_change);
  EXPECT_EQ(std::ranges::count(records(), "canary_completed/success"), 1);
}

}  // namespace
}  // namespace canaryd::canary
