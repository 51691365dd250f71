#include "canary_harness.hpp"

namespace canaryd::core {
namespace {

class canary_watch : public canary_test {
 protected:
  // When readings fell due since the deploy, in seconds, until the canary is no longer observed.
  std::vector<std::int64_t> rhythm(verdict outcome, duration lateness = {}) {
    std::vector<std::int64_t> due;
    const auto deployed = current.hold.since;
    while (current.state == canary_state::observing) {
      due.push_back((current.hold.next_due - deployed) / 1s);
      wait_for(current.hold.next_due + lateness);
      happens(poll_answered{sample_for(outcome), 15min});
    }
    return due;
  }
  std::int64_t next_due_s() const { return (current.hold.next_due - current.hold.since) / 1s; }
};

// Readings.

TEST_F(canary_watch, readings_fall_due_every_interval_the_last_at_the_end_of_the_hold) {
  spec.steps[0].hold = 120s;
  deploys();
  EXPECT_THAT(rhythm(verdict::pass), testing::ElementsAre(30, 60, 90, 120));
  expect_state(canary_state::promoting);
}

TEST_F(canary_watch, an_interval_that_does_not_divide_the_hold_ends_with_a_short_one) {
  spec.steps[0].hold = 100s;
  deploys();
  EXPECT_THAT(rhythm(verdict::pass), testing::ElementsAre(30, 60, 90, 100));
}

TEST_F(canary_watch, slow_answers_do_not_shift_the_rhythm) {
  spec.steps[0].hold = 120s;
  deploys();
  EXPECT_THAT(rhythm(verdict::pass, 20s), testing::ElementsAre(30, 60, 90, 120));
}

TEST_F(canary_watch, polls_that_take_all_their_time_leave_no_reading_out) {
  spec.steps[0].hold = 100s;
  spec.on_inconclusive = inconclusive_rule::rollback;
  deploys();
  std::vector<std::int64_t> due;
  while (current.state == canary_state::observing) {
    due.push_back(next_due_s());
    wait_for(following_due(spec, current, at.stretch, at.now) + 1ms);
    happens(poll_answered{sample_for(verdict::provider_error), 15min});
  }
  EXPECT_THAT(due, testing::ElementsAre(30, 60, 90, 100));
}

TEST_F(canary_watch, the_last_reading_is_taken_even_when_the_one_before_ends_after_the_hold) {
  spec.on_inconclusive = inconclusive_rule::rollback;
  deploys();
  reads(verdict::pass, 8);
  EXPECT_EQ(next_due_s(), 270);
  wait_for(current.hold.ends + 1s);
  happens(poll_answered{sample_for(verdict::provider_error), 15min});
  expect_state(canary_state::observing);
  EXPECT_LE(current.hold.next_due, at.now);
  reads(verdict::pass);
  expect_state(canary_state::promoting);
}

TEST_F(canary_watch, missed_readings_are_not_made_up_for_in_a_burst) {
  deploys();
  after(110s);
  happens(poll_answered{sample_for(verdict::pass), 15min});
  EXPECT_EQ(next_due_s(), 120);
  EXPECT_TRUE(told(severity::warning, "not watched"));
}

TEST_F(canary_watch, a_stretched_rhythm_keeps_the_reading_at_the_end_of_the_hold) {
  spec.steps[0].hold = 100s;
  at.stretch = 1.5;
  deploys();
  EXPECT_THAT(rhythm(verdict::pass), testing::ElementsAre(45, 90, 100));
}

TEST_F(canary_watch, a_poll_has_until_the_next_reading_falls_due) {
  spec.steps[0].hold = 40s;
  deploys();
  EXPECT_EQ(following_due(spec, current, 1.0, at.now), current.hold.since + 40s);
  EXPECT_EQ(following_due(spec, current, 1.0), current.hold.since + 40s);
  current.hold.next_due = current.hold.ends;
  EXPECT_EQ(following_due(spec, current, 2.0, current.hold.ends), current.hold.ends + 60s);
}

TEST_F(canary_watch, a_poll_that_starts_much_too_late_still_has_half_an_interval) {
  deploys();
  after(1h);
  EXPECT_EQ(following_due(spec, current, 1.0, at.now), at.now + 15s);
}

TEST_F(canary_watch, the_window_is_never_longer_than_the_time_since_the_deploy) {
  deploys();
  EXPECT_EQ(poll_window(spec, current, at.now, 1min), 1min);
  EXPECT_EQ(poll_window(spec, current, at.now + 30s, 1min), 1min);
  EXPECT_EQ(poll_window(spec, current, at.now + 60s, 1min), 1min);
  EXPECT_EQ(poll_window(spec, current, at.now + 61s, 1min), 2min);
  EXPECT_EQ(poll_window(spec, current, at.now + 61s, 1s), 61s);
  EXPECT_EQ(poll_window(spec, current, at.now + 24h, 1min), 15min);
}

// Counters.

TEST_F(canary_watch, breach_past_the_limit_rolls_back) {
  spec.failure_limit = 3;
  deploys();
  reads(verdict::breach, 2);
  expect_state(canary_state::observing);
  reads(verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.why, reason::threshold_breach);
  EXPECT_THAT(current.detail, testing::HasSubstr("error_rate 0.2 against 0.05"));
  expect_call(operation::rollback);
  expect_first_attempt(true);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_rollback/triggered"));
  EXPECT_EQ(audit[1].reason, "threshold_breach");
  EXPECT_EQ(audit[1].metrics.error_rate, 0.2);
}

TEST_F(canary_watch, a_pass_starts_the_breaches_anew) {
  spec.failure_limit = 2;
  deploys();
  reads(verdict::breach);
  reads(verdict::pass);
  reads(verdict::breach);
  expect_state(canary_state::observing);
}

TEST_F(canary_watch, no_data_leaves_the_breach_counter) {
  spec.failure_limit = 2;
  deploys();
  reads(verdict::breach);
  reads(verdict::no_data);
  reads(verdict::breach);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_watch, provider_errors_leave_the_breach_counter) {
  spec.failure_limit = 2;
  deploys();
  reads(verdict::breach);
  reads(verdict::provider_error, 3);
  reads(verdict::breach);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_watch, too_many_failed_polls_roll_back_as_unobservable) {
  spec.provider_error_limit = 3;
  deploys();
  reads(verdict::provider_error, 2);
  expect_state(canary_state::observing);
  reads(verdict::provider_error);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.why, reason::provider_unavailable);
}

TEST_F(canary_watch, a_breach_starts_the_failed_polls_anew) {
  spec.provider_error_limit = 3;
  spec.failure_limit = 5;
  deploys();
  reads(verdict::provider_error, 2);
  reads(verdict::breach);
  reads(verdict::provider_error, 2);
  expect_state(canary_state::observing);
}

TEST_F(canary_watch, no_data_limit_rolls_back_early_where_inconclusive_means_rollback) {
  spec.no_data_limit = 2;
  spec.on_inconclusive = inconclusive_rule::rollback;
  deploys();
  reads(verdict::no_data);
  expect_state(canary_state::observing);
  reads(verdict::no_data);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.why, reason::inconclusive);
}

TEST_F(canary_watch, no_data_limit_is_else_a_warning_once) {
  spec.no_data_limit = 2;
  deploys();
  reads(verdict::no_data);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  reads(verdict::no_data);
  EXPECT_TRUE(told(severity::warning, "2 readings in a row without data"));
  reads(verdict::no_data);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  expect_state(canary_state::observing);
}

TEST_F(canary_watch, readings_are_counted_by_verdict) {
  spec.failure_limit = 5;
  deploys();
  reads(verdict::pass, 3);
  reads(verdict::breach, 2);
  reads(verdict::no_data, 1);
  reads(verdict::provider_error, 2);
  EXPECT_EQ(current.readings.pass, 3);
  EXPECT_EQ(current.readings.breach, 2);
  EXPECT_EQ(current.readings.no_data, 1);
  EXPECT_EQ(current.readings.provider_error, 2);
}

// The end of a hold.

TEST_F(canary_watch, a_passing_newest_reading_ends_the_hold_with_a_promote) {
  deploys();
  reads_hold_ending_with(verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.why, reason::passed);
  expect_call(operation::promote);
}

TEST_F(canary_watch, troubled_readings_before_a_passing_last_one_do_not_matter) {
  spec.failure_limit = 2;
  deploys();
  reads(verdict::breach);
  reads(verdict::provider_error, 3);
  while (current.hold.next_due < current.hold.ends)
    reads(verdict::no_data);
  reads(verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.why, reason::passed);
}

TEST_F(canary_watch, an_inconclusive_hold_is_extended_and_the_first_pass_ends_it) {
  deploys();
  reads_hold_ending_with(verdict::no_data);
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.hold.extended);
  EXPECT_EQ(next_due_s(), 330);
  reads(verdict::no_data);
  reads(verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_extended/success"));
  EXPECT_EQ(current.extension_left, 120s - 60s);
}

TEST_F(canary_watch, a_breach_counts_as_always_in_an_extension) {
  spec.failure_limit = 2;
  deploys();
  reads_hold_ending_with(verdict::breach);
  expect_state(canary_state::observing);
  reads(verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.why, reason::threshold_breach);
}

TEST_F(canary_watch, the_extension_is_one_budget_and_used_up_it_rolls_back) {
  spec.max_extension = 100s;
  current = make_canary("nightly", "u1", spec);
  deploys();
  EXPECT_THAT(rhythm(verdict::no_data), testing::ElementsAre(30, 60, 90, 120, 150, 180, 210, 240,
                                                             270, 300, 330, 360, 390, 400));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.why, reason::inconclusive);
}

TEST_F(canary_watch, without_any_extension_an_inconclusive_hold_rolls_back) {
  spec.max_extension = 0s;
  current = make_canary("nightly", "u1", spec);
  deploys();
  reads_hold_ending_with(verdict::provider_error);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.why, reason::inconclusive);
}

TEST_F(canary_watch, on_inconclusive_rollback_rolls_back_at_the_end_of_the_hold) {
  spec.on_inconclusive = inconclusive_rule::rollback;
  spec.failure_limit = 2;
  for (const auto last : {verdict::no_data, verdict::provider_error, verdict::breach}) {
    current = make_canary("nightly", "u1", spec);
    deploys();
    reads_hold_ending_with(last);
    expect_state(canary_state::rolling_back);
    EXPECT_EQ(current.why, reason::inconclusive);
  }
}

TEST_F(canary_watch, on_inconclusive_promote_promotes_without_data_where_nothing_spoke_against_it) {
  spec.on_inconclusive = inconclusive_rule::promote;
  deploys();
  EXPECT_THAT(rhythm(verdict::no_data).back(), 300);
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.why, reason::inconclusive);
}

TEST_F(canary_watch,
       on_inconclusive_promote_extends_after_a_breach_or_failure_since_the_last_pass) {
  spec.on_inconclusive = inconclusive_rule::promote;
  spec.failure_limit = 2;
  for (const auto trouble : {verdict::breach, verdict::provider_error}) {
    current = make_canary("nightly", "u1", spec);
    deploys();
    reads(trouble);
    while (current.hold.next_due < current.hold.ends)
      reads(verdict::no_data);
    reads(verdict::no_data);
    expect_state(canary_state::observing);
    EXPECT_TRUE(current.hold.extended);
  }
}

TEST_F(canary_watch, on_inconclusive_promote_extends_where_the_newest_reading_failed) {
  spec.on_inconclusive = inconclusive_rule::promote;
  deploys();
  reads_hold_ending_with(verdict::provider_error);
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.hold.extended);
}

TEST_F(canary_watch, trouble_before_the_last_pass_is_forgiven) {
  spec.on_inconclusive = inconclusive_rule::promote;
  deploys();
  reads(verdict::provider_error);
  reads_hold_ending_with(verdict::no_data);
  expect_state(canary_state::promoting);
}

// Somebody else.

TEST_F(canary_watch, the_status_is_read_after_a_reading_without_data) {
  deploys();
  EXPECT_FALSE(current.next_call);
  reads(verdict::no_data);
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
  for (const auto outcome : {verdict::pass, verdict::breach, verdict::provider_error}) {
    reads(outcome);
    EXPECT_FALSE(current.next_call);
  }
}

TEST_F(canary_watch, a_promote_by_somebody_else_ends_it) {
  deploys();
  reads(verdict::no_data);
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_completed/success"));
}

TEST_F(canary_watch, a_rollback_by_somebody_else_ends_it) {
  deploys();
  reads(verdict::no_data);
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::external_change);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_rollback/success"));
  EXPECT_TRUE(told(severity::warning, "by somebody else"));
}

TEST_F(canary_watch, an_unknown_status_is_still_going_and_warned_of_once) {
  deploys();
  reads(verdict::no_data);
  answer(status_is("paused-by-ops"));
  expect_state(canary_state::observing);
  EXPECT_TRUE(told(severity::warning, "paused-by-ops"));
  reads(verdict::no_data);
  answer(status_is("paused-by-ops"));
  EXPECT_TRUE(notes.empty());
}

TEST_F(canary_watch, a_status_that_cannot_be_read_changes_nothing) {
  deploys();
  reads(verdict::no_data);
  answer(status_read{refusal(404)});
  expect_state(canary_state::observing);
  EXPECT_FALSE(current.next_call);
}

// Resuming.

TEST_F(canary_watch, resumed_it_reads_the_status_and_keeps_to_its_rhythm) {
  deploys();
  after(10s);
  happens(resumed{});
  expect_call(operation::read_status);
  EXPECT_EQ(next_due_s(), 30);
  EXPECT_TRUE(notes.empty());
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
  reads(verdict::pass, 2);
  after(24h);
  happens(resumed{});
  expect_state(canary_state::observing);
  EXPECT_EQ(current.hold.next_due, at.now + 15s);
  answer(status_is("active"));
  const auto waiting = current;
  reads(verdict::pass);
  expect_state(canary_state::promoting);
  current = waiting;
  reads(verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.why, reason::threshold_breach);
}

TEST_F(canary_watch, a_pass_does_not_cancel_a_status_that_is_still_wanted) {
  deploys_three_times();
  reads(verdict::no_data);
  reads(verdict::pass);
  EXPECT_TRUE(current.status_wanted);
}

}  // namespace
}  // namespace canaryd::core
