// When readings fall due, and which windows they ask for.
#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

using canary_rhythm = canary_test;

TEST_F(canary_rhythm, readings_fall_due_every_interval_the_last_at_the_end_of_the_hold) {
  spec.steps[0].hold = 120s;
  deploys();
  EXPECT_THAT(rhythm(judge::verdict::pass), testing::ElementsAre(30, 60, 90, 120));
  expect_state(canary_state::promoting);
}

TEST_F(canary_rhythm, an_interval_that_does_not_divide_the_hold_ends_with_a_short_one) {
  spec.steps[0].hold = 100s;
  deploys();
  EXPECT_THAT(rhythm(judge::verdict::pass), testing::ElementsAre(30, 60, 90, 100));
}

TEST_F(canary_rhythm, slow_answers_do_not_shift_the_rhythm) {
  spec.steps[0].hold = 120s;
  deploys();
  EXPECT_THAT(rhythm(judge::verdict::pass, 20s), testing::ElementsAre(30, 60, 90, 120));
}

TEST_F(canary_rhythm, polls_that_take_all_their_time_leave_no_reading_out) {
  spec.steps[0].hold = 100s;
  spec.on_inconclusive = job::inconclusive_rule::rollback;
  deploys();
  std::vector<std::int64_t> due;
  while (state_of(current) == canary_state::observing) {
    due.push_back(next_due_s());
    wait_for(current.hold.next_due + poll_time(spec, current, at.stretch, at.window_unit) + 1ms);
    happens(poll_answered{sample_for(judge::verdict::provider_error), 15min});
  }
  EXPECT_THAT(due, testing::ElementsAre(30, 60, 90, 100));
}

TEST_F(canary_rhythm, the_last_reading_is_taken_even_when_the_one_before_ends_after_the_hold) {
  spec.on_inconclusive = job::inconclusive_rule::rollback;
  deploys();
  reads(judge::verdict::pass, 8);
  EXPECT_EQ(next_due_s(), 270);
  wait_for(current.hold.ends + 1s);
  happens(poll_answered{sample_for(judge::verdict::provider_error), 15min});
  expect_state(canary_state::observing);
  EXPECT_LE(current.hold.next_due, at.now);
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
}

TEST_F(canary_rhythm, missed_readings_are_not_made_up_for_in_a_burst) {
  deploys();
  after(110s);
  happens(poll_answered{sample_for(judge::verdict::pass), 15min});
  EXPECT_EQ(next_due_s(), 120);
  EXPECT_TRUE(told(severity::warning, "not watched"));
}

TEST_F(canary_rhythm, the_last_reading_of_an_extension_is_taken_as_well) {
  deploys();
  while (current.hold.next_due < current.hold.since + 390s)
    reads(judge::verdict::no_data);
  wait_for(current.hold.since + 421s);
  happens(poll_answered{sample_for(judge::verdict::no_data), 15min});
  expect_state(canary_state::observing);
  EXPECT_EQ(next_due_s(), 420);
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
}

TEST_F(canary_rhythm, a_poll_that_takes_all_its_time_is_no_gap) {
  deploys();
  wait_for(current.hold.next_due + 60s);
  happens(poll_answered{sample_for(judge::verdict::pass), 15min});
  EXPECT_TRUE(told_nothing_at(severity::warning));
  wait_for(current.hold.next_due + 61s);
  happens(poll_answered{sample_for(judge::verdict::pass), 15min});
  EXPECT_TRUE(told(severity::warning, "the canary was not watched for 1m1s"));
}

TEST_F(canary_rhythm, the_newest_missed_reading_is_made_up_for_within_half_an_interval) {
  deploys();
  const auto before = current;
  after(74s);
  happens(poll_answered{sample_for(judge::verdict::pass), 15min});
  EXPECT_EQ(next_due_s(), 60);
  for (const auto passed : {1s, 17s}) {
    current = before;
    after(passed);
    happens(poll_answered{sample_for(judge::verdict::pass), 15min});
    EXPECT_EQ(next_due_s(), 90);
  }
}

TEST_F(canary_rhythm, single_readings_go_on_for_days) {
  spec.validation_interval = 1h;
  spec.steps[0].hold = 72h;
  deploys();
  EXPECT_EQ(rhythm(judge::verdict::pass).size(), 72U);
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.hold.counted_from, current.hold.since);
}

TEST_F(canary_rhythm, a_stretched_rhythm_keeps_the_reading_at_the_end_of_the_hold) {
  spec.steps[0].hold = 100s;
  at.stretch = 1.5;
  deploys();
  EXPECT_THAT(rhythm(judge::verdict::pass), testing::ElementsAre(45, 90, 100));
  at.stretch = 5.0;
  current = make_canary("nightly", "u1", spec);
  deploys();
  EXPECT_THAT(rhythm(judge::verdict::pass), testing::ElementsAre(100));
}

TEST_F(canary_rhythm, a_poll_has_the_time_until_the_next_reading_however_late_it_begins) {
  spec.steps[0].hold = 40s;
  deploys();
  EXPECT_EQ(poll_time(spec, current, 1.0, 1s), 10s);
  EXPECT_EQ(poll_time(spec, current, 1.0, 1min), 10s);
  current.hold.next_due = current.hold.ends;
  EXPECT_EQ(poll_time(spec, current, 2.0, 1s), 60s);
}

// The reading fell due during a stall and could not be asked for.
TEST_F(canary_rhythm, an_overdue_reading_begins_a_new_rhythm) {
  deploys();
  const auto asked_after = [&](duration stall, duration answered_after) {
    const auto asked = at.now + stall;
    after(stall + answered_after);
    happens(poll_answered{.outcome = sample_for(judge::verdict::breach),
                          .window = 15min,
                          .step = current.hold.step,
                          .asked_at = asked});
  };
  spec.failure_limit = 2;
  asked_after(110s, 1s);
  expect_state(canary_state::observing);
  EXPECT_EQ(next_due_s(), 140);
  // A reading that is a little late begins no new rhythm.
  reads(judge::verdict::pass);
  EXPECT_EQ(next_due_s(), 170);
  asked_after(30s + 14s, 1s);
  EXPECT_EQ(next_due_s(), 200);
}

TEST_F(canary_rhythm, an_answer_that_waited_out_a_stall_is_of_its_own_time) {
  deploys();
  wait_for(current.hold.since + 130s);
  happens(poll_answered{.outcome = sample_for(judge::verdict::pass),
                        .window = 15min,
                        .asked_at = current.hold.since + 30s});
  EXPECT_EQ(next_due_s(), 120);
}

TEST_F(canary_rhythm, the_reading_at_the_end_keeps_its_distance_to_a_late_one) {
  spec.steps[0].hold = 100s;
  deploys();
  reads(judge::verdict::pass, 2);
  EXPECT_EQ(next_due_s(), 90);
  wait_for(current.hold.since + 97s);
  happens(poll_answered{
      .outcome = sample_for(judge::verdict::pass), .window = 15min, .asked_at = at.now});
  EXPECT_EQ(next_due_s(), 102);
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
}

TEST_F(canary_rhythm, a_reading_that_was_asked_for_after_the_end_of_the_hold_decides_it) {
  deploys();
  reads(judge::verdict::pass, 8);
  EXPECT_EQ(next_due_s(), 270);
  wait_for(current.hold.ends + 20s);
  happens(poll_answered{
      .outcome = sample_for(judge::verdict::pass), .window = 15min, .asked_at = at.now});
  expect_state(canary_state::promoting);
}

TEST_F(canary_rhythm, failures_after_a_stall_keep_their_distance_as_well) {
  spec.provider_error_limit = 2;
  deploys();
  after(200s);
  happens(poll_answered{
      .outcome = sample_for(judge::verdict::provider_error), .window = 15min, .asked_at = at.now});
  EXPECT_EQ(next_due_s(), 230);
}

TEST_F(canary_rhythm, the_window_is_never_longer_than_the_time_since_the_deploy) {
  deploys();
  const auto window = [&](duration after, duration unit) {
    current.hold.next_due = current.hold.since + after;
    return poll_window(spec, current, unit);
  };
  EXPECT_EQ(window(0s, 1min), 1min);
  EXPECT_EQ(window(30s, 1min), 1min);
  EXPECT_EQ(window(60s, 1min), 1min);
  EXPECT_EQ(window(61s, 1min), 2min);
  EXPECT_EQ(window(61s, 1s), 61s);
  EXPECT_EQ(window(24h, 1min), 15min);
}

}  // namespace
}  // namespace canaryd::canary
