// What readings add up to, and how a hold ends.
#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_hold : public canary_test {
 protected:
  void reads_values(double error_rate, double latency_ms) {
    wait_for(current.hold.next_due);
    happens(poll_answered{judge::sourced_sample{{error_rate, 4.4, latency_ms, 1000}}, 15min});
  }
  void reads_slow() { reads_values(0.01, 5000.0); }
};

TEST_F(canary_hold, breach_past_the_limit_rolls_back) {
  spec.failure_limit = 3;
  deploys();
  reads(judge::verdict::breach, 2);
  expect_state(canary_state::observing);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
  EXPECT_THAT(current.detail, testing::HasSubstr("error_rate is 0.2, and its limit is 0.05"));
  expect_call(operation::rollback);
  expect_first_attempt(true);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_rollback/triggered"));
  EXPECT_EQ(audit[1].reason, "threshold_breach");
  EXPECT_EQ(audit[1].metrics.error_rate, 0.2);
}

TEST_F(canary_hold, a_pass_starts_the_breaches_anew) {
  spec.failure_limit = 2;
  deploys();
  reads(judge::verdict::breach);
  reads(judge::verdict::pass);
  reads(judge::verdict::breach);
  expect_state(canary_state::observing);
}

TEST_F(canary_hold, no_data_leaves_the_breach_counter) {
  spec.failure_limit = 2;
  deploys();
  reads(judge::verdict::breach);
  reads(judge::verdict::no_data);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_hold, provider_errors_leave_the_breach_counter) {
  spec.failure_limit = 2;
  deploys();
  reads(judge::verdict::breach);
  reads(judge::verdict::provider_error, 3);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_hold, a_pass_or_a_breach_starts_readings_without_data_and_failed_polls_anew) {
  spec.failure_limit = 5;
  deploys();
  for (const auto reset : {judge::verdict::pass, judge::verdict::breach}) {
    reads(judge::verdict::no_data);
    reads(judge::verdict::provider_error, 2);
    reads(judge::verdict::no_data);
    EXPECT_EQ(current.hold.no_data, 2);
    EXPECT_EQ(current.hold.provider_errors, 2);
    reads(reset);
    EXPECT_EQ(current.hold.no_data, 0);
    EXPECT_EQ(current.hold.provider_errors, 0);
  }
}

TEST_F(canary_hold, a_failure_limit_of_its_own_counts_breaches_in_a_row) {
  spec.analysis.failure_limits = {{"avg_latency_ms", 2}};
  deploys();
  reads_slow();
  reads(judge::verdict::pass);
  reads_slow();
  expect_state(canary_state::observing);
  reads(judge::verdict::no_data);
  reads(judge::verdict::provider_error);
  reads_slow();
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
}

TEST_F(canary_hold, a_failure_limit_of_its_own_counts_no_other_metric) {
  spec.failure_limit = 2;
  spec.analysis.failure_limits = {{"avg_latency_ms", 3}};
  deploys();
  reads_slow();
  reads_values(0.2, 320.0);
  reads_slow();
  reads_values(0.2, 5000.0);
  expect_state(canary_state::observing);
  reads_values(0.2, 320.0);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.detail, "error_rate is 0.2, and its limit is 0.05");
}

TEST_F(canary_hold, what_has_no_effect_counts_towards_no_limit) {
  spec.failure_limit = 2;
  spec.analysis.dry_run = {"avg_latency_ms"};
  for (const bool has_own_limit : {false, true}) {
    if (has_own_limit)
      spec.analysis.failure_limits = {{"avg_latency_ms", 1}};
    current = make_canary("nightly", "u1", spec);
    deploys();
    reads_slow();
    reads_slow();
    reads_values(0.2, 5000.0);
    expect_state(canary_state::observing);
    reads_values(0.2, 5000.0);
    expect_state(canary_state::rolling_back);
    EXPECT_EQ(current.detail, "error_rate is 0.2, and its limit is 0.05");
  }
}

TEST_F(canary_hold, one_reading_past_a_hard_limit_rolls_back_at_once) {
  spec.failure_limit = 5;
  spec.analysis.hard.error_rate = 0.1;
  deploys();
  reads_values(0.1, 320.0);
  expect_state(canary_state::observing);
  reads_values(0.11, 320.0);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::hard_limit);
  EXPECT_EQ(current.detail, "error_rate is 0.11, and its hard limit is 0.1");
}

TEST_F(canary_hold, too_many_failed_polls_roll_back_as_unobservable) {
  spec.provider_error_limit = 3;
  deploys();
  reads(judge::verdict::provider_error, 2);
  expect_state(canary_state::observing);
  reads(judge::verdict::provider_error);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::provider_unavailable);
}

TEST_F(canary_hold, a_breach_starts_the_failed_polls_anew) {
  spec.provider_error_limit = 3;
  spec.failure_limit = 5;
  deploys();
  reads(judge::verdict::provider_error, 2);
  reads(judge::verdict::breach);
  reads(judge::verdict::provider_error, 2);
  expect_state(canary_state::observing);
}

TEST_F(canary_hold, no_data_limit_rolls_back_early_where_inconclusive_means_rollback) {
  spec.no_data_limit = 2;
  spec.on_inconclusive = job::inconclusive_rule::rollback;
  deploys();
  reads(judge::verdict::no_data);
  expect_state(canary_state::observing);
  reads(judge::verdict::no_data);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_hold, without_a_no_data_limit_only_the_end_of_the_hold_counts) {
  spec.no_data_limit = 0;
  spec.on_inconclusive = job::inconclusive_rule::rollback;
  deploys();
  EXPECT_THAT(rhythm(judge::verdict::no_data).back(), 300);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_hold, no_data_limit_is_else_a_warning_once) {
  spec.no_data_limit = 2;
  deploys();
  reads(judge::verdict::no_data);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  reads(judge::verdict::no_data);
  EXPECT_TRUE(told(severity::warning, "2 readings in a row had no data"));
  reads(judge::verdict::provider_error);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  reads(judge::verdict::no_data);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  expect_state(canary_state::observing);
}

TEST_F(canary_hold, readings_are_counted_by_verdict) {
  spec.failure_limit = 5;
  deploys();
  reads(judge::verdict::pass, 3);
  reads(judge::verdict::breach, 2);
  reads(judge::verdict::no_data, 1);
  reads(judge::verdict::provider_error, 2);
  EXPECT_EQ(current.readings.pass, 3);
  EXPECT_EQ(current.readings.breach, 2);
  EXPECT_EQ(current.readings.no_data, 1);
  EXPECT_EQ(current.readings.provider_error, 2);
}

TEST_F(canary_hold, a_passing_newest_reading_ends_the_hold_with_a_promote) {
  deploys();
  reads_hold_ending_with(judge::verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::passed);
  expect_call(operation::promote);
}

TEST_F(canary_hold, troubled_readings_before_a_passing_last_one_do_not_matter) {
  spec.failure_limit = 2;
  deploys();
  reads(judge::verdict::breach);
  reads(judge::verdict::provider_error, 3);
  while (current.hold.next_due < current.hold.ends)
    reads(judge::verdict::no_data);
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::passed);
}

TEST_F(canary_hold, an_inconclusive_hold_is_extended_and_the_first_pass_ends_it) {
  deploys();
  reads_hold_ending_with(judge::verdict::no_data);
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.hold.extended);
  EXPECT_EQ(next_due_s(), 330);
  reads(judge::verdict::no_data);
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_extended/success"));
  EXPECT_EQ(current.extension_left, 120s - 60s);
  EXPECT_FALSE(current.hold.extended);
}

TEST_F(canary_hold, an_extension_costs_the_time_it_took_and_no_more_than_there_is) {
  const auto left_after_a_pass = [&](duration due, duration lateness) {
    current = make_canary("nightly", "u1", spec);
    deploys();
    while (current.hold.next_due < current.hold.since + due)
      reads(judge::verdict::no_data);
    wait_for(current.hold.next_due + lateness);
    reads(judge::verdict::pass);
    expect_state(canary_state::promoting);
    return current.extension_left;
  };
  EXPECT_EQ(left_after_a_pass(330s, 10s), 120s - 40s);
  EXPECT_EQ(left_after_a_pass(420s, 10s), 0s);
  EXPECT_EQ(left_after_a_pass(300s, 10s), 120s);
}

TEST_F(canary_hold, one_that_cannot_be_concluded_goes_on_and_costs_nothing) {
  deploys();
  at.cannot_conclude = true;
  reads_hold_ending_with(judge::verdict::no_data);
  reads(judge::verdict::pass);
  expect_state(canary_state::observing);
  EXPECT_FALSE(current.hold.extended);
  EXPECT_EQ(next_due_s(), 360);
  at.cannot_conclude = false;
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.extension_left, spec.max_extension);
}

TEST_F(canary_hold, an_extension_that_cannot_be_concluded_costs_what_it_took_until_then) {
  deploys();
  reads_hold_ending_with(judge::verdict::no_data);
  at.cannot_conclude = true;
  reads(judge::verdict::pass, 3);
  at.cannot_conclude = false;
  reads(judge::verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.extension_left, spec.max_extension - 30s);
}

TEST_F(canary_hold, a_breach_counts_as_always_in_an_extension) {
  spec.failure_limit = 2;
  deploys();
  reads_hold_ending_with(judge::verdict::breach);
  expect_state(canary_state::observing);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
}

TEST_F(canary_hold, the_extension_is_one_budget_and_used_up_it_rolls_back) {
  spec.max_extension = 100s;
  current = make_canary("nightly", "u1", spec);
  deploys();
  EXPECT_THAT(
      rhythm(judge::verdict::no_data),
      testing::ElementsAre(30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 390, 400));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_hold, without_any_extension_an_inconclusive_hold_rolls_back) {
  spec.max_extension = 0s;
  current = make_canary("nightly", "u1", spec);
  deploys();
  reads_hold_ending_with(judge::verdict::provider_error);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_hold, on_inconclusive_rollback_rolls_back_at_the_end_of_the_hold) {
  spec.on_inconclusive = job::inconclusive_rule::rollback;
  spec.failure_limit = 2;
  for (const auto last :
       {judge::verdict::no_data, judge::verdict::provider_error, judge::verdict::breach}) {
    current = make_canary("nightly", "u1", spec);
    deploys();
    reads_hold_ending_with(last);
    expect_state(canary_state::rolling_back);
    EXPECT_EQ(why_of(current), reason::inconclusive);
  }
}

TEST_F(canary_hold, on_inconclusive_promote_promotes_without_data_where_nothing_spoke_against_it) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  deploys();
  EXPECT_THAT(rhythm(judge::verdict::no_data).back(), 300);
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_hold, on_inconclusive_promote_extends_after_a_breach_or_failure_since_the_last_pass) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  spec.failure_limit = 2;
  for (const auto trouble : {judge::verdict::breach, judge::verdict::provider_error}) {
    current = make_canary("nightly", "u1", spec);
    deploys();
    reads(trouble);
    while (current.hold.next_due < current.hold.ends)
      reads(judge::verdict::no_data);
    reads(judge::verdict::no_data);
    expect_state(canary_state::observing);
    EXPECT_TRUE(current.hold.extended);
  }
}

TEST_F(canary_hold, on_inconclusive_promote_does_not_act_where_too_few_conversations_show_harm) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  spec.min_conversations = 200;
  for (const std::optional<std::int64_t> count : {std::optional<std::int64_t>{86}, {1}, {}}) {
    for (const auto method : {job::judging_method::threshold, job::judging_method::sequential}) {
      spec.analysis.method = method;
      current = make_canary("nightly", "u1", spec);
      deploys();
      wait_for(current.hold.next_due);
      happens(poll_answered{judge::sourced_sample{{0.93, {}, 320.0, count}}, 15min, 0});
      EXPECT_EQ(current.newest->outcome, judge::verdict::no_data);
      rhythm(judge::verdict::no_data);
      expect_state(canary_state::rolling_back);
      EXPECT_EQ(why_of(current), reason::inconclusive);
    }
  }
}

TEST_F(canary_hold, on_inconclusive_promote_acts_again_after_a_pass) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  deploys();
  wait_for(current.hold.next_due);
  happens(poll_answered{judge::sourced_sample{{0.93, 4.4, 320.0, 3}}, 15min, 0});
  reads(judge::verdict::pass);
  EXPECT_THAT(rhythm(judge::verdict::no_data).back(), 300);
  expect_state(canary_state::promoting);
}

TEST_F(canary_hold, on_inconclusive_promote_acts_after_the_last_hold_alone) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  spec.steps = {{.canary_percent = 5.0, .hold = 300s}, {.canary_percent = 50.0, .hold = 300s}};
  current = make_canary("nightly", "u1", spec);
  deploys();
  rhythm(judge::verdict::no_data);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_hold, on_inconclusive_promote_does_not_act_where_a_thin_stable_arm_was_better) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  spec.analysis.compare_to = job::comparison::stable;
  deploys();
  while (state_of(current) == canary_state::observing) {
    wait_for(current.hold.next_due);
    happens(poll_answered{judge::sourced_sample{{0.93, 4.4, 320.0, 1000}}, 15min, 0,
                          judge::sourced_sample{{0.01, 4.4, 320.0, 30}}, 15min});
    EXPECT_EQ(current.newest->outcome, judge::verdict::no_data);
  }
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_hold, no_conversations_promote_nothing_without_a_minimum_either) {
  spec.min_conversations = 0;
  deploys();
  while (state_of(current) == canary_state::observing) {
    wait_for(current.hold.next_due);
    happens(poll_answered{judge::sourced_sample{{0.0, 4.4, 0.0, 0}}, 15min, 0});
  }
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_hold, a_canary_that_fails_everywhere_is_rolled_back_although_nobody_gives_scores) {
  deploys();
  wait_for(current.hold.next_due);
  happens(poll_answered{judge::sourced_sample{{1.0, {}, 320.0, 1000}}, 15min, 0});
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
}

TEST_F(canary_hold, optional_scores_that_nobody_gives_keep_nothing_from_being_promoted) {
  spec.analysis.optional = {"satisfaction_score"};
  deploys();
  while (state_of(current) == canary_state::observing) {
    wait_for(current.hold.next_due);
    happens(poll_answered{judge::sourced_sample{{0.01, {}, 320.0, 1000}}, 15min, 0});
  }
  expect_state(canary_state::promoting);
  EXPECT_EQ(why_of(current), reason::passed);
}

TEST_F(canary_hold, a_metric_that_is_missing_beside_a_breach_keeps_its_own_count) {
  spec.failure_limit = 100;
  spec.analysis.failure_limits = {{"avg_latency_ms", 2}};
  const auto reads_latency = [&](std::optional<text::decimal> latency_ms) {
    wait_for(current.hold.next_due);
    happens(poll_answered{judge::sourced_sample{{0.2, 4.4, latency_ms, 1000}}, 15min});
  };
  deploys();
  reads_latency(5000.0);
  reads_latency({});
  EXPECT_EQ(current.hold.own_breaches.front(), 1);
  reads_latency(320.0);
  EXPECT_EQ(current.hold.own_breaches.front(), 0);
  expect_state(canary_state::observing);
  reads_latency(5000.0);
  reads_latency({});
  reads_latency(5000.0);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_hold, the_detail_tells_numbers_apart_that_differ_in_their_last_digits) {
  deploys();
  wait_for(current.hold.next_due);
  happens(poll_answered{judge::sourced_sample{{0.01, 4.4, 2000.0000000000002, 1000}}, 15min, 0});
  EXPECT_EQ(current.detail, "avg_latency_ms is 2000.0000000000002, and its limit is 2000");
  current = make_canary("nightly", "u1", spec);
  deploys();
  wait_for(current.hold.next_due);
  happens(poll_answered{
      judge::sourced_sample{{text::read_decimal("0.05000000000000000001"), 4.4, 320.0, 1000}},
      15min, 0});
  EXPECT_EQ(current.detail, "error_rate is just past its limit of 0.05");
}

TEST_F(canary_hold, an_extension_says_what_it_waits_for) {
  deploys();
  reads_hold_ending_with(judge::verdict::no_data);
  EXPECT_EQ(
      current.detail,
      "the hold ended without a pass (the newest reading is no_data): readings go on for up to 2m");
}

TEST_F(canary_hold, on_inconclusive_promote_extends_where_the_newest_reading_failed) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  deploys();
  reads_hold_ending_with(judge::verdict::provider_error);
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.hold.extended);
}

TEST_F(canary_hold, trouble_before_the_last_pass_is_forgiven) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  deploys();
  reads(judge::verdict::provider_error);
  reads_hold_ending_with(judge::verdict::no_data);
  expect_state(canary_state::promoting);
}

}  // namespace
}  // namespace canaryd::canary
