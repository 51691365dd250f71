// Changes by somebody else, and going on after a restart.
#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

using canary_watch = canary_test;

TEST_F(canary_watch, the_status_is_read_after_a_reading_without_data) {
  deploys();
  EXPECT_FALSE(current.next_call);
  reads(judge::verdict::no_data);
  expect_call(operation::read_status);
  answer(status_is("active"));
  expect_state(canary_state::observing);
  EXPECT_FALSE(current.next_call);
}

TEST_F(canary_watch, the_status_is_read_after_a_refused_poll) {
  deploys();
  wait_for(current.hold.next_due);
  happens(poll_answered{refusal(404), 15min});
  expect_call(operation::read_status);
}

TEST_F(canary_watch, passing_breaching_and_failing_readings_ask_for_no_status) {
  spec.failure_limit = 5;
  deploys();
  for (const auto outcome :
       {judge::verdict::pass, judge::verdict::breach, judge::verdict::provider_error}) {
    reads(outcome);
    EXPECT_FALSE(current.next_call);
  }
}

// As another version of the program may have stored them.
TEST_F(canary_watch, limits_of_0_let_a_passing_canary_be) {
  spec.provider_error_limit = 0;
  spec.failure_limit = 0;
  spec.no_data_limit = 0;
  spec.analysis.failure_limits = {{"error_rate", 0}};
  deploys();
  reads(judge::verdict::pass);
  expect_state(canary_state::observing);
  reads(judge::verdict::no_data);
  expect_state(canary_state::observing);
  reads(judge::verdict::provider_error);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_watch, a_limit_of_0_counts_only_breaches_of_its_own_metric) {
  spec.failure_limit = 5;
  spec.analysis.failure_limits = {{"satisfaction_score", 0}};
  deploys();
  reads(judge::verdict::breach);
  expect_state(canary_state::observing);
}

TEST_F(canary_watch, a_promote_by_somebody_else_ends_it) {
  deploys();
  reads(judge::verdict::no_data);
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_completed/success"));
}

TEST_F(canary_watch, a_rollback_by_somebody_else_ends_it) {
  deploys();
  reads(judge::verdict::no_data);
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::external_change);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_rollback/success"));
  EXPECT_TRUE(told(severity::warning, "by somebody else"));
}

TEST_F(canary_watch, an_unknown_status_is_still_going_and_warned_of_once) {
  deploys();
  reads(judge::verdict::no_data);
  answer(status_is("paused-by-ops"));
  expect_state(canary_state::observing);
  EXPECT_TRUE(told(severity::warning, "paused-by-ops"));
  reads(judge::verdict::no_data);
  answer(status_is("paused-by-ops"));
  EXPECT_TRUE(notes.empty());
}

TEST_F(canary_watch, a_status_that_cannot_be_read_changes_nothing) {
  deploys();
  reads(judge::verdict::no_data);
  answer(status_read{refusal(404)});
  expect_state(canary_state::observing);
  EXPECT_FALSE(current.next_call);
}

TEST_F(canary_watch, resumed_it_reads_the_status_and_keeps_to_its_rhythm) {
  deploys();
  after(10s);
  happens(resumed{});
  expect_call(operation::read_status);
  EXPECT_EQ(next_due_s(), 30);
  EXPECT_TRUE(notes.empty());
  EXPECT_FALSE(is_changing_traffic(current));
}

TEST_F(canary_watch, resumed_when_a_reading_falls_due_it_takes_it_then) {
  deploys();
  after(30s);
  happens(resumed{});
  EXPECT_EQ(current.hold.next_due, at.now);
}

TEST_F(canary_watch, an_overdue_reading_is_taken_within_one_interval) {
  deploys();
  after(50s);
  at.random = 0.9;
  happens(resumed{});
  EXPECT_EQ(next_due_s(), 50 + 27);
  EXPECT_TRUE(told_nothing_at(severity::warning));
}

TEST_F(canary_watch, a_longer_gap_is_told_of) {
  deploys();
  after(61s);
  happens(resumed{});
  EXPECT_TRUE(told(severity::warning, "not watched"));
}

TEST_F(canary_watch, spreading_does_not_put_off_the_end_of_the_hold) {
  deploys();
  after(290s);
  at.random = 0.9;
  happens(resumed{});
  EXPECT_EQ(current.hold.next_due, current.hold.ends);
}

TEST_F(canary_watch, a_hold_that_ended_meanwhile_is_decided_by_the_first_reading) {
  deploys();
  reads(judge::verdict::pass, 2);
  after(24h);
  happens(resumed{});
  expect_state(canary_state::observing);
  EXPECT_EQ(current.hold.next_due, at.now + 15s);
  answer(status_is("active"));
  const auto waiting = current;
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
  current = waiting;
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
}

TEST_F(canary_watch, a_pass_does_not_cancel_a_status_that_is_still_wanted) {
  deploys_three_times();
  reads(judge::verdict::no_data);
  reads(judge::verdict::pass);
  EXPECT_TRUE(std::get<phases::watching>(current.phase).status_wanted);
}

}  // namespace
}  // namespace canaryd::canary
