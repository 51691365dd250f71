// Canaries that the sequential method judges: when readings fall due, what they add, and what the
// evidence leads to (reference: "Judging").
#include "canaryd/canary/canary_json.hpp"
#include "canaryd/judge/judge.hpp"

#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_sequential : public canary_test {
 protected:
  void SetUp() override {
    spec.analysis.method = job::judging_method::sequential;
    spec.steps = {{.canary_percent = 5.0, .hold = 1h}};
    spec.validation_interval = 60s;
    spec.max_extension = 10min;
    at.window_unit = 1min;
  }

  // The answer for all conversations since the deploy or traffic change.
  static judge::sourced_sample answer_of(std::int64_t conversations, std::int64_t errors,
                                         double score = 4.4) {
    judge::metrics_sample sample;
    sample.conversation_count = conversations;
    if (conversations > 0)
      sample.error_rate = static_cast<double>(errors) / static_cast<double>(conversations);
    sample.satisfaction_score = score;
    sample.satisfaction_count = conversations;
    sample.avg_latency_ms = 320.0;
    return {sample, judge::metrics_source::primary};
  }
  // A poll that asks for the whole units since counting began.
  void reads_counts(std::int64_t conversations, std::int64_t errors, double score = 4.4) {
    wait_for(current.hold.next_due);
    const auto window = current.hold.next_due - current.hold.counted_from;
    happens(poll_answered{answer_of(conversations, errors, score), window, current.hold.step});
  }
  judge::verdict newest() const { return current.newest->outcome; }
  const judge::test_evidence& evidence_on(std::string_view name) const {
    const auto found =
        std::ranges::find(current.newest->metrics, name, &judge::judged_metric::name);
    return *found->evidence;
  }
};

TEST_F(canary_sequential, evidence_against_it_rolls_it_back_at_once) {
  spec.failure_limit = 1000;
  deploys();
  reads_counts(100, 5);
  EXPECT_EQ(newest(), judge::verdict::pass);
  reads_counts(200, 30);
  EXPECT_EQ(newest(), judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
  EXPECT_THAT(current.detail, testing::HasSubstr("(the odds against it are "));
}

TEST_F(canary_sequential, evidence_is_told_with_few_digits_however_much_it_is) {
  deploys();
  reads_counts(1'000'000, 1'000'000);
  EXPECT_THAT(current.detail,
              testing::HasSubstr("error_rate is 1, and its limit is 0.05 "
                                 "(the odds against it are over 1000, and 40 are needed)"));
}

TEST_F(canary_sequential, a_rate_above_the_limit_is_no_breach_before_there_is_evidence) {
  deploys();
  reads_counts(60, 5);
  EXPECT_EQ(newest(), judge::verdict::pass);
  expect_state(canary_state::observing);
}

TEST_F(canary_sequential, evidence_from_too_few_conversations_rolls_nothing_back) {
  deploys();
  reads_counts(49, 49);
  EXPECT_EQ(newest(), judge::verdict::no_data);
  expect_state(canary_state::observing);
  reads_counts(50, 49);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_sequential, every_conversation_counts_once) {
  deploys();
  reads_counts(100, 4);
  reads_counts(220, 9);
  reads_counts(220, 9);
  EXPECT_EQ(current.gathered->total.conversations, 220);
  EXPECT_EQ(current.gathered->total.errors, 9);
  EXPECT_EQ(evidence_on("error_rate").trials, 220);
}

TEST_F(canary_sequential, a_traffic_change_counts_anew_and_forgets_nothing) {
  spec.steps = {{.canary_percent = 5.0, .hold = 60s}, {.canary_percent = 50.0, .hold = 1h}};
  deploys();
  reads_counts(100, 4);
  answer(traffic_changed{});
  EXPECT_EQ(current.hold.counted_from, at.now);
  EXPECT_EQ(current.hold.counted_until, at.now);
  reads_counts(50, 2);
  EXPECT_EQ(current.gathered->total.conversations, 150);
  EXPECT_EQ(current.gathered->total.errors, 6);
}

TEST_F(canary_sequential, too_few_conversations_since_the_deploy_are_no_data) {
  spec.steps = {{.canary_percent = 5.0, .hold = 120s}, {.canary_percent = 50.0, .hold = 1h}};
  deploys();
  reads_counts(49, 0);
  EXPECT_EQ(newest(), judge::verdict::no_data);
  reads_counts(50, 0);
  EXPECT_EQ(newest(), judge::verdict::pass);
  answer(traffic_changed{});
  reads_counts(1, 0);
  EXPECT_EQ(newest(), judge::verdict::pass);
}

TEST_F(canary_sequential, a_share_without_conversations_is_no_data) {
  spec.steps = {{.canary_percent = 5.0, .hold = 60s}, {.canary_percent = 50.0, .hold = 1h}};
  deploys();
  reads_counts(100, 0);
  answer(traffic_changed{});
  reads_counts(0, 0);
  EXPECT_EQ(newest(), judge::verdict::no_data);
}

TEST_F(canary_sequential, readings_fall_due_at_the_end_of_whole_units) {
  deploys();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ((current.hold.next_due - current.hold.counted_from) % 1min, 0s);
    at.stretch = 1.3;
    at.random = 0.37;
    reads_counts(100, 0);
    // The reading is overdue and gets a new time.
    after(2min + 7s);
    happens(resumed{});
    EXPECT_GE(current.hold.next_due, at.now);
  }
  EXPECT_EQ(
      (current.hold.next_due + poll_time(spec, current, 1.3, 1min) - current.hold.counted_from) %
          1min,
      0s);
}

TEST_F(canary_sequential, a_restart_changes_no_evidence) {
  deploys();
  reads_counts(100, 4);
  const auto stored = canary_from_json(canary_to_json(current));
  ASSERT_TRUE(stored);
  reads_counts(220, 9);
  const auto uninterrupted = *current.gathered;
  current = *stored;
  happens(resumed{});
  reads_counts(220, 9);
  EXPECT_EQ(*current.gathered, uninterrupted);
}

// A canary that has a conversation a minute, none of them failing.
class canary_sequential_for_long : public canary_sequential {
 protected:
  void SetUp() override {
    canary_sequential::SetUp();
    spec.validation_interval = 1h;
    spec.steps[0].hold = 24h;
    spec.max_extension = 100h;
    spec.on_inconclusive = job::inconclusive_rule::extend;
    spec.analysis.promote_when = job::promotion_rule::proven;
    spec.rollback_thresholds.error_rate = 0;
    current = make_canary("nightly", "u1", spec);
    deploys();
    deployed = at.now;
  }
  void reads_on() {
    const auto window = std::min<duration>(current.hold.next_due - current.hold.counted_from, 24h);
    reads_counts(window / 1min, 0);
  }
  void reads_until(duration since_deploy) {
    while (current.hold.next_due <= deployed + since_deploy)
      reads_on();
  }
  std::int64_t counted() const { return current.gathered->total.conversations; }

  instant deployed;
};

TEST_F(canary_sequential_for_long,
       a_window_that_grows_too_long_begins_anew_where_it_was_read_last) {
  reads_until(24h);
  EXPECT_EQ(current.hold.counted_from, deployed + 24h);
  EXPECT_EQ(current.gathered->seen, judge::arm_counts{});
  EXPECT_EQ(current.gathered->paired, judge::paired_counts{});
  reads_until(60h);
  EXPECT_EQ(counted(), 60h / 1min);
}

TEST_F(canary_sequential_for_long, a_window_that_just_fits_into_a_day_leaves_nothing_out) {
  reads_until(23h);
  wait_for(current.hold.next_due + 1s);
  at.stretch = 1439.0 / 60.0;
  happens(poll_answered{answer_of(24h / 1min, 0), 24h, 0});
  EXPECT_EQ(current.hold.next_due, deployed + 24h + 1439min);
  EXPECT_EQ(current.hold.counted_from, deployed + 24h);
}

TEST_F(canary_sequential_for_long, a_poll_that_fails_when_it_begins_anew_loses_nothing) {
  reads_until(23h);
  wait_for(current.hold.next_due);
  happens(poll_answered{server_error(), 24h, 0});
  EXPECT_EQ(current.hold.counted_from, deployed + 23h);
  reads_until(30h);
  EXPECT_EQ(counted(), 30h / 1min);
}

TEST_F(canary_sequential_for_long, a_window_that_a_late_poll_would_cut_begins_anew_at_once) {
  reads_until(1h);
  while (current.hold.next_due <= deployed + 24h) {
    wait_for(current.hold.next_due);
    happens(
        poll_answered{judge::sourced_sample{}, current.hold.next_due - current.hold.counted_from});
  }
  EXPECT_EQ(current.hold.next_due, deployed + 25h);
  EXPECT_EQ(current.hold.counted_from, deployed + 24h);
}

TEST_F(canary_sequential_for_long, a_window_that_was_cut_counts_nothing_twice) {
  reads_until(23h);
  wait_for(current.hold.next_due + 1min);
  happens(poll_answered{answer_of(24h / 1min, 0), 24h, 0});
  EXPECT_EQ(counted(), 23h / 1min);
  reads_until(30h);
  EXPECT_EQ(counted(), 30h / 1min);
}

TEST_F(canary_sequential_for_long, an_answer_that_took_until_its_window_would_be_too_long_counts) {
  reads_until(22h);
  wait_for(deployed + 24h + 2min);
  happens(poll_answered{answer_of(23h / 1min, 0), 23h, 0});
  EXPECT_EQ(counted(), 23h / 1min);
}

TEST_F(canary_sequential_for_long, what_has_to_wait_when_it_begins_anew_is_neither_lost_nor_twice) {
  spec.rollback_thresholds.error_rate = 0.5;
  spec.approve_promotion = true;
  reads_until(22h);
  reads_counts(23h / 1min, 10);
  // The rate is rounded. The number of errors cannot have become smaller.
  reads_counts(24h / 1min, 9);
  EXPECT_EQ(current.gathered->total.trials, 23h / 1min);
  EXPECT_EQ(counted(), 24h / 1min);
  EXPECT_EQ(current.hold.counted_from, deployed + 23h);
  reads_counts(2h / 1min, 1);
  EXPECT_EQ(counted(), 25h / 1min);
  EXPECT_EQ(current.gathered->total.rated, 25h / 1min);
  EXPECT_NEAR(current.gathered->total.dissatisfaction, 1500 * judge::dissatisfaction_of(4.4), 1e-6);
  EXPECT_EQ(current.gathered->total.trials, 25h / 1min);
  EXPECT_EQ(current.gathered->total.errors, 11);
}

TEST_F(canary_sequential_for_long, after_a_downtime_of_days_it_begins_anew) {
  reads_until(2h);
  after(50h + 7s);
  at.random = 0.37;
  happens(resumed{});
  EXPECT_EQ(current.hold.counted_from, at.now);
  EXPECT_EQ((current.hold.next_due - current.hold.counted_from) % 1min, 0s);
  const auto before = counted();
  reads_on();
  EXPECT_LE(counted() - before, 61);
  EXPECT_GT(counted(), before);
}

TEST_F(canary_sequential, a_count_that_shrinks_is_told_once_and_adds_nothing) {
  deploys();
  reads_counts(100, 4);
  reads_counts(90, 4);
  EXPECT_TRUE(told(severity::warning, "counts fewer conversations"));
  reads_counts(95, 4);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  EXPECT_EQ(current.gathered->total.conversations, 100);
  reads_counts(130, 5);
  EXPECT_EQ(current.gathered->total.conversations, 130);
  EXPECT_EQ(current.gathered->total.errors, 5);
  reads_counts(120, 5);
  EXPECT_TRUE(told(severity::warning, "counts fewer conversations"));
}

TEST_F(canary_sequential, an_error_that_comes_after_its_conversation_waits_for_another) {
  deploys();
  reads_counts(100, 4);
  reads_counts(100, 6);
  EXPECT_EQ(current.gathered->total.errors, 4);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  reads_counts(110, 6);
  EXPECT_EQ(current.gathered->total.errors, 6);
}

TEST_F(canary_sequential, low_scores_roll_it_back) {
  deploys();
  reads_counts(100, 0, 2.0);
  EXPECT_EQ(newest(), judge::verdict::breach);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_sequential, scores_that_are_not_counted_keep_to_the_threshold_rule_and_it_is_said) {
  spec.failure_limit = 2;
  deploys();
  for (std::int64_t i = 1; i <= 2; ++i) {
    expect_state(canary_state::observing);
    auto sample = answer_of(100 * i, 0, 2.0);
    sample.sample.satisfaction_count.reset();
    wait_for(current.hold.next_due);
    happens(poll_answered{sample, 1min * i});
    EXPECT_EQ(newest(), judge::verdict::breach);
    EXPECT_EQ(told(severity::info, "threshold rule"), i == 1);
  }
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_sequential, latency_keeps_to_its_own_failure_limit) {
  spec.analysis.failure_limits = {{"avg_latency_ms", 3}};
  deploys();
  for (std::int64_t i = 1; i <= 3; ++i) {
    expect_state(canary_state::observing);
    auto sample = answer_of(100 * i, 0);
    sample.sample.avg_latency_ms = 5000.0;
    wait_for(current.hold.next_due);
    happens(poll_answered{sample, 1min * i});
  }
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_sequential, what_is_not_proven_is_not_promoted) {
  spec.analysis.promote_when = job::promotion_rule::proven;
  spec.steps[0].hold = 60s;
  deploys();
  reads_counts(60, 2);
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.hold.extended);
  reads_counts(400, 2);
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::passed);
}

TEST_F(canary_sequential, what_is_not_proven_has_data_and_is_not_promoted_as_inconclusive) {
  spec.analysis.promote_when = job::promotion_rule::proven;
  spec.on_inconclusive = job::inconclusive_rule::promote;
  spec.steps[0].hold = 60s;
  deploys();
  reads_counts(60, 2);
  EXPECT_EQ(newest(), judge::verdict::pass);
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.hold.extended);
}

TEST_F(canary_sequential, what_is_not_proven_rolls_back_where_inconclusive_means_rollback) {
  spec.analysis.promote_when = job::promotion_rule::proven;
  spec.on_inconclusive = job::inconclusive_rule::rollback;
  spec.steps[0].hold = 60s;
  deploys();
  reads_counts(60, 2);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_sequential, what_is_not_proven_is_named) {
  spec.analysis.promote_when = job::promotion_rule::proven;
  spec.steps[0].hold = 60s;
  deploys();
  reads_counts(200, 9);
  EXPECT_TRUE(told(severity::warning,
                   "proof that the canary is within its limits (the odds for error_rate are "));
  EXPECT_FALSE(told(severity::warning, "satisfaction_score"));
}

TEST_F(canary_sequential, a_step_needs_no_proof) {
  spec.analysis.promote_when = job::promotion_rule::proven;
  spec.steps = {{.canary_percent = 5.0, .hold = 60s}, {.canary_percent = 50.0, .hold = 1h}};
  deploys();
  reads_counts(60, 2);
  EXPECT_TRUE(is_changing_traffic(current));
}

TEST_F(canary_sequential, proof_ends_a_hold_early_where_the_job_wants_it) {
  deploys();
  reads_counts(1000, 2);
  expect_state(canary_state::observing);
  current = make_canary("nightly", "u1", spec);
  spec.analysis.promote_early = true;
  deploys();
  reads_counts(60, 2);
  expect_state(canary_state::observing);
  reads_counts(1000, 2);
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::proven_early);
}

TEST_F(canary_sequential, a_gate_waits_for_its_operator_whatever_is_proven) {
  spec.analysis.promote_early = true;
  spec.approve_promotion = true;
  deploys();
  reads_counts(1000, 2);
  expect_state(canary_state::waiting_approval);
  reads_counts(1100, 2);
  expect_state(canary_state::waiting_approval);
  happens(commanded{{.what = command_kind::approve}});
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::proven_early);
}

TEST_F(canary_sequential, a_gate_at_the_very_end_of_a_hold_wants_no_proof) {
  spec.steps[0].hold = 60s;
  spec.approve_promotion = true;
  deploys();
  reads_counts(60, 2);
  expect_state(canary_state::waiting_approval);
  EXPECT_EQ(left_of_hold(current, at.now), 0s);
  EXPECT_FALSE(is_proven(*current.newest));
  happens(commanded{{.what = command_kind::approve}});
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::passed);
}

TEST_F(canary_sequential, a_reading_that_waited_for_the_end_of_a_unit_is_not_repeated_at_once) {
  deploys();
  wait_for(current.hold.next_due + 60s + 300ms);
  happens(poll_answered{answer_of(100, 0), 2min, 0});
  EXPECT_EQ(current.hold.next_due, current.hold.counted_from + 3min);
}

TEST_F(canary_sequential, a_gate_that_proof_has_reached_opens_with_a_pass) {
  spec.analysis.promote_when = job::promotion_rule::proven;
  spec.steps[0].hold = 60s;
  spec.approve_promotion = true;
  deploys();
  reads_counts(400, 2);
  expect_state(canary_state::waiting_approval);
  reads_counts(500, 25);
  EXPECT_EQ(newest(), judge::verdict::pass);
  EXPECT_TRUE(is_unproven(current.newest->metrics[0]));
  happens(commanded{{.what = command_kind::approve}});
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::passed);
}

TEST_F(canary_sequential, a_gate_that_proof_has_reached_early_opens_with_a_pass) {
  spec.analysis.promote_early = true;
  spec.approve_promotion = true;
  deploys();
  reads_counts(400, 2);
  expect_state(canary_state::waiting_approval);
  reads_counts(500, 25);
  EXPECT_TRUE(is_unproven(current.newest->metrics[0]));
  happens(commanded{{.what = command_kind::approve}});
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::proven_early);
}

TEST_F(canary_sequential, nothing_ends_early_in_a_pause) {
  spec.analysis.promote_early = true;
  deploys();
  happens(commanded{{.what = command_kind::pause}});
  reads_counts(1000, 2);
  expect_state(canary_state::paused);
}

TEST_F(canary_sequential, nothing_ends_early_while_it_cannot_be_written_down) {
  spec.analysis.promote_early = true;
  deploys();
  at.cannot_conclude = true;
  reads_counts(1000, 2);
  expect_state(canary_state::observing);
  at.cannot_conclude = false;
  reads_counts(1100, 2);
  expect_state(canary_state::promoting);
}

}  // namespace
}  // namespace canaryd::canary
