#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

using canary_promote = canary_test;

TEST_F(canary_promote, a_confirmed_promote_ends_promoted) {
  promotes();
  expect_call(operation::promote);
  EXPECT_EQ(idempotency_key(current, operation::promote), "u1-promote-dep-1");
  answer(promote_answered{});
  expect_state(canary_state::promoting);
  expect_call(operation::read_status);
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
  EXPECT_EQ(is_verified(current), true);
  EXPECT_TRUE(told(severity::info, "is promoted"));
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_completed/success"));
  EXPECT_EQ(audit[1].reason, "passed");
}

TEST_F(canary_promote, an_accepted_one_is_read_again_three_times_and_then_stands_unverified) {
  promotes();
  answer(promote_answered{});
  for (int i = 0; i < 3; ++i) {
    answer(status_is(i == 1 ? "promoting" : "active"));
    expect_state(canary_state::promoting);
    expect_call(operation::read_status, 5s);
    EXPECT_TRUE(is_watched(current));
  }
  answer(status_is("active"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
  EXPECT_EQ(is_verified(current), false);
  EXPECT_TRUE(told(severity::warning, "not verified"));
  EXPECT_TRUE(told_nothing_at(severity::info));
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_completed/success"));
}

TEST_F(canary_promote, an_accepted_one_that_shows_late_is_verified) {
  promotes();
  answer(promote_answered{});
  for (int i = 0; i < 3; ++i)
    answer(status_is("active"));
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
  EXPECT_EQ(is_verified(current), true);
}

TEST_F(canary_promote, a_breach_before_an_accepted_one_is_confirmed_rolls_back) {
  promotes();
  answer(promote_answered{});
  answer(status_is("active"));
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
  expect_call(operation::read_status);
  const auto looking = current;
  answer(status_is("active"));
  expect_call(operation::rollback);
  current = looking;
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
}

TEST_F(canary_promote, an_accepted_one_is_not_sent_again) {
  promotes();
  answer(promote_answered{});
  happens(resumed{});
  expect_call(operation::read_status);
  answer(status_is("active"));
  expect_call(operation::read_status, 5s);
  happens(resumed{});
  expect_call(operation::read_status, 5s);
}

TEST_F(canary_promote, an_accepted_one_that_was_rolled_back_by_somebody_else_ends_so) {
  promotes();
  answer(promote_answered{});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::external_change);
}

TEST_F(canary_promote, an_outage_after_an_accepted_one_is_waited_for) {
  spec.provider_error_limit = 6;
  promotes();
  answer(promote_answered{});
  for (int i = 0; i < 6; ++i) {
    answer(status_read{server_error()});
    expect_state(canary_state::promoting);
    EXPECT_GE(current.next_call->not_before - at.now, 5s);
  }
  const auto waiting = current;
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
  current = waiting;
  answer(status_read{server_error()});
  expect_end(canary_state::promoted_to_stable, reason::passed);
  EXPECT_EQ(is_verified(current), false);
}

TEST_F(canary_promote, an_accepted_one_is_not_held_up_for_long_by_its_status) {
  promotes();
  answer(promote_answered{});
  answer(status_read{std::unexpected{problem(fault::try_again, 429, 5min)}});
  expect_call(operation::read_status, 60s);
}

TEST_F(canary_promote, an_accepted_one_whose_status_may_not_be_read_stands_unverified) {
  promotes();
  answer(promote_answered{});
  for (int i = 0; i < 3; ++i) {
    answer(status_read{refusal()});
    expect_call(operation::read_status, 5s);
  }
  answer(status_read{refusal()});
  expect_end(canary_state::promoted_to_stable, reason::passed);
  EXPECT_EQ(is_verified(current), false);
}

TEST_F(canary_promote, the_status_is_read_before_a_repeat) {
  promotes();
  answer(promote_answered{lost_answer()});
  expect_call(operation::read_status, 500ms);
  answer(status_is("active"));
  expect_call(operation::promote);
  answer(promote_answered{});
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
}

TEST_F(canary_promote, a_lost_promote_that_had_landed_is_not_repeated) {
  promotes();
  answer(promote_answered{lost_answer()});
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
}

TEST_F(canary_promote, a_rollback_by_somebody_else_ends_it) {
  promotes();
  answer(promote_answered{server_error()});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::external_change);
}

TEST_F(canary_promote, an_unknown_status_is_never_success) {
  promotes();
  answer(promote_answered{lost_answer()});
  answer(status_is("finalising"));
  expect_state(canary_state::promoting);
  expect_call(operation::promote);
  EXPECT_TRUE(told(severity::warning, "finalising"));
}

TEST_F(canary_promote, a_refused_promote_rolls_back) {
  promotes();
  answer(promote_answered{refusal(422)});
  expect_call(operation::read_status);
  expect_first_attempt(true);
  answer(status_is("active"));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::promote_refused);
  expect_call(operation::rollback);
}

TEST_F(canary_promote, a_promote_refused_because_it_is_promoted_already_is_not_rolled_back) {
  promotes();
  answer(promote_answered{refusal(409)});
  answer(status_is("promoted"));
  expect_state(canary_state::promoted_to_stable);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_completed/success"));
}

TEST_F(canary_promote, a_refused_promote_of_unknown_fate_is_found_out_before_the_rollback) {
  promotes();
  answer(promote_answered{refusal(409)});
  answer(status_read{server_error()});
  expect_state(canary_state::rolling_back);
  expect_call(operation::read_status);
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
}

TEST_F(canary_promote, after_the_last_attempt_it_is_rolled_back_from_the_truth) {
  spec.provider_error_limit = 3;
  promotes();
  answer(promote_answered{lost_answer()});
  answer(status_read{server_error()});
  answer(status_is("active"));
  answer(promote_answered{lost_answer()});
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::provider_unavailable);
  expect_call(operation::read_status);
  expect_first_attempt(true);
  const auto looking = current;
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
  EXPECT_TRUE(told(severity::critical, "promoted by somebody else"));
  current = looking;
  answer(status_is("active"));
  expect_call(operation::rollback);
}

TEST_F(canary_promote, the_canary_is_polled_on_while_its_promote_is_unsettled) {
  promotes();
  EXPECT_TRUE(is_watched(current));
  EXPECT_EQ(current.hold.next_due, at.now + 30s);
  const auto call = *current.next_call;
  reads(judge::verdict::pass);
  reads(judge::verdict::no_data);
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.next_call->serial, call.serial);
  EXPECT_EQ(current.hold.next_due, at.now + 30s);
}

TEST_F(canary_promote, a_breach_while_a_promote_is_unsettled_decides_for_rollback) {
  promotes();
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
  expect_call(operation::read_status);
  expect_first_attempt(true);
}

TEST_F(canary_promote, a_late_answer_to_the_promote_does_not_undo_the_rollback) {
  promotes();
  reads(judge::verdict::breach);
  happens(promote_answered{});
  expect_state(canary_state::rolling_back);
  answer(status_is("active"));
  expect_call(operation::rollback);
}

TEST_F(canary_promote, one_that_was_on_its_way_is_looked_for_once_it_has_arrived) {
  promotes();
  reads(judge::verdict::breach);
  const auto settles = at.now + at.request_timeout;
  answer(status_is("active"));
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_state(canary_state::rolling_back);
  expect_call(operation::read_status, settles - at.now);
  const auto looking = current;
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
  current = looking;
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
  EXPECT_TRUE(told(severity::critical, "promoted by somebody else"));
}

TEST_F(canary_promote, a_breach_below_its_limit_does_not_stop_the_promote) {
  spec.failure_limit = 2;
  promotes();
  reads(judge::verdict::breach);
  expect_state(canary_state::promoting);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_promote, resumed_it_reads_the_status_first) {
  promotes();
  happens(resumed{});
  expect_call(operation::read_status);
  const auto looking = current;
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
  current = looking;
  answer(status_is("active"));
  expect_call(operation::promote);
}

TEST_F(canary_promote, resumed_after_its_refusal_it_rolls_back) {
  promotes();
  answer(promote_answered{refusal()});
  happens(resumed{});
  answer(status_is("active"));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::promote_refused);
}

TEST_F(canary_promote, resumed_it_is_watched_on_and_asks_what_became_of_it) {
  promotes();
  after(1h);
  happens(resumed{});
  expect_call(operation::read_status);
  EXPECT_EQ(current.hold.next_due, at.now + 15s);
  EXPECT_TRUE(told(severity::warning, "not watched"));
}

}  // namespace
}  // namespace canaryd::canary
