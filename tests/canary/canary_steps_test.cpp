// Raising the traffic step by step (reference: "Traffic change").
#include "canaryd/canary/command.hpp"

#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_steps : public canary_test {
 protected:
  void SetUp() override {
    spec.steps = {{.canary_percent = 5.0, .hold = 60s},
                  {.canary_percent = 20.0, .hold = 120s},
                  {.canary_percent = 50.0, .hold = 60s}};
    spec.provider_error_limit = 3;
  }

  void wants_next_step() {
    deploys();
    reads_hold_ending_with(judge::verdict::pass);
    expect_state(canary_state::observing);
    expect_call(operation::change_traffic);
  }
  void reaches_step_2() {
    wants_next_step();
    answer(traffic_changed{});
  }
  static status_read share_is(double percent, std::string status = "active") {
    auto found = deployed_as("dep-1", std::move(status));
    found.canary_percent = percent;
    return {found};
  }
};

TEST_F(canary_steps, a_hold_that_passes_leads_to_the_next_share) {
  wants_next_step();
  EXPECT_EQ(next_share(spec, current), 20.0);
  EXPECT_EQ(current.hold.step, 0);
  EXPECT_EQ(current.detail, "setting the traffic to 20%");
}

TEST_F(canary_steps, the_last_one_leads_to_the_promote) {
  reaches_step_2();
  reads_hold_ending_with(judge::verdict::pass);
  EXPECT_EQ(next_share(spec, current), 50.0);
  answer(traffic_changed{});
  reads_hold_ending_with(judge::verdict::pass);
  expect_state(canary_state::promoting);
  answer(promote_answered{});
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
  EXPECT_THAT(records(), testing::ElementsAre("canary_initiated/success", "canary_step/success",
                                              "canary_step/success", "canary_completed/success"));
}

TEST_F(canary_steps, each_step_has_a_hold_of_its_own_from_its_confirmation_on) {
  wants_next_step();
  after(7s);
  happens(traffic_changed{});
  EXPECT_EQ(current.hold.step, 1);
  EXPECT_EQ(current.hold.since, at.now);
  EXPECT_EQ(current.hold.ends - at.now, 120s);
  EXPECT_EQ(current.hold.next_due - at.now, 30s);
  EXPECT_TRUE(told(severity::info, "step 2 of 3: the canary has 20% of the traffic"));
  EXPECT_EQ(current.detail, "");
}

TEST_F(canary_steps, a_window_never_reaches_back_before_the_traffic_change) {
  spec.steps[0].hold = 300s;
  reaches_step_2();
  EXPECT_EQ(poll_window(spec, current, 1s), 30s);
}

TEST_F(canary_steps, readings_go_on_while_the_traffic_is_being_set) {
  wants_next_step();
  const auto since = current.hold.since;
  reads(judge::verdict::pass, 3);
  expect_state(canary_state::observing);
  expect_call(operation::change_traffic, -90s);
  EXPECT_EQ(current.hold.since, since);
}

TEST_F(canary_steps, a_lost_answer_is_looked_up_and_its_share_confirms_it) {
  for (const double share : {19.9, 20.0, 20.1}) {
    current = make_canary("nightly", "u1", spec);
    wants_next_step();
    answer(traffic_changed{lost_answer()});
    expect_call(operation::read_status, 500ms);
    answer(share_is(share));
    EXPECT_EQ(current.hold.step, 1);
    EXPECT_EQ(current.hold.since, at.now);
  }
}

TEST_F(canary_steps, a_share_that_is_nearly_the_one_asked_for_confirms_nothing) {
  for (const double share : {19.89, 20.11}) {
    current = make_canary("nightly", "u1", spec);
    wants_next_step();
    answer(traffic_changed{lost_answer()});
    answer(share_is(share));
    EXPECT_EQ(current.hold.step, 0);
    expect_call(operation::change_traffic);
  }
}

TEST_F(canary_steps, a_change_that_did_not_happen_is_repeated_with_the_same_key) {
  wants_next_step();
  const auto key = idempotency_key(current, operation::change_traffic);
  answer(traffic_changed{lost_answer()});
  answer(share_is(5.0));
  expect_call(operation::change_traffic);
  EXPECT_EQ(current.hold.step, 0);
  EXPECT_EQ(idempotency_key(current, operation::change_traffic), key);
  answer(traffic_changed{});
  EXPECT_NE(idempotency_key(current, operation::change_traffic), key);
}

TEST_F(canary_steps, a_status_without_a_share_confirms_nothing) {
  wants_next_step();
  answer(traffic_changed{lost_answer()});
  answer(status_is("active"));
  expect_call(operation::change_traffic);
}

TEST_F(canary_steps, a_change_is_tried_on_as_long_as_the_canary_is_healthy) {
  at.random = 0.999;
  wants_next_step();
  for (int i = 0; i < 1000; ++i) {
    answer(traffic_changed{server_error()});
    EXPECT_LE(current.next_call->not_before - at.now, 30s);
    answer(share_is(5.0));
    expect_call(operation::change_traffic);
    if (i % 10 == 0)
      reads(judge::verdict::pass);
  }
  expect_state(canary_state::observing);
  EXPECT_EQ(current.hold.step, 0);
  answer(traffic_changed{});
  EXPECT_EQ(current.hold.step, 1);
}

TEST_F(canary_steps, a_change_is_repeated_where_the_status_is_refused) {
  wants_next_step();
  answer(traffic_changed{lost_answer()});
  answer(status_read{server_error()});
  expect_call(operation::read_status, repeat_at() - at.now);
  answer(status_read{refusal()});
  expect_call(operation::change_traffic);
}

TEST_F(canary_steps, an_unsettled_change_is_warned_of_each_time_the_wait_doubles) {
  wants_next_step();
  int warnings = 0;
  for (int i = 0; i < 100; ++i) {
    answer(traffic_changed{server_error()});
    warnings += static_cast<int>(std::ranges::count_if(notes, [](const note& told) {
      return told.about == topic::step_unsettled && told.level == severity::warning;
    }));
    answer(share_is(5.0));
  }
  EXPECT_EQ(warnings, 6);
}

TEST_F(canary_steps, a_refused_change_rolls_back) {
  wants_next_step();
  answer(traffic_changed{refusal()});
  expect_call(operation::read_status);
  answer(share_is(5.0));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::step_refused);
  EXPECT_EQ(current.detail, "a problem");
  expect_call(operation::rollback);
  expect_first_attempt(true);
  EXPECT_THAT(records(), testing::ElementsAre("canary_initiated/success", "canary_step/failure",
                                              "canary_rollback/triggered"));
}

TEST_F(canary_steps, a_refused_change_rolls_back_even_where_the_status_cannot_be_read) {
  wants_next_step();
  answer(traffic_changed{refusal()});
  answer(status_read{server_error()});
  EXPECT_EQ(why_of(current), reason::step_refused);
}

TEST_F(canary_steps, a_change_refused_because_the_share_is_there_already_is_confirmed) {
  wants_next_step();
  answer(traffic_changed{refusal(409)});
  answer(share_is(20.0));
  expect_state(canary_state::observing);
  EXPECT_EQ(current.hold.step, 1);
}

TEST_F(canary_steps, a_change_refused_because_somebody_has_promoted_it_leaves_it_promoted) {
  wants_next_step();
  answer(traffic_changed{refusal(409)});
  answer(share_is(5.0, "promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
}

TEST_F(canary_steps, a_breach_while_the_traffic_is_being_set_rolls_back) {
  wants_next_step();
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  expect_call(operation::rollback);
}

TEST_F(canary_steps, a_change_that_was_on_its_way_is_looked_for_once_it_has_arrived) {
  wants_next_step();
  reads(judge::verdict::breach);
  const auto settles = at.now + at.request_timeout;
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_state(canary_state::rolling_back);
  expect_call(operation::read_status, settles - at.now);
  answer(status_is("active"));
  expect_state(canary_state::rolling_back);
  expect_call(operation::rollback);
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_steps, a_rollback_that_a_change_has_undone_is_another_deed) {
  wants_next_step();
  reads(judge::verdict::breach);
  const auto key = idempotency_key(current, operation::rollback);
  answer(rollback_answered{});
  EXPECT_EQ(idempotency_key(current, operation::rollback), key);
  answer(status_is("rolled_back"));
  answer(status_is("active"));
  EXPECT_EQ(idempotency_key(current, operation::rollback), key + "-2");
}

TEST_F(canary_steps, a_share_that_a_change_has_left_to_what_is_rolled_back_is_critical) {
  for (const double share : {0.0, 5.0, 20.0}) {
    current = make_canary("nightly", "u1", spec);
    wants_next_step();
    reads(judge::verdict::breach);
    answer(rollback_answered{});
    answer(status_is("rolled_back"));
    answer(share_is(share, "rolled_back"));
    expect_end(canary_state::rolled_back, reason::threshold_breach);
    EXPECT_EQ(std::ranges::any_of(
                  notes, [](const note& told) { return told.level == severity::critical; }),
              share == 20.0);
  }
}

TEST_F(canary_steps, a_change_that_waits_is_cancelled_by_a_rollback) {
  wants_next_step();
  answer(traffic_changed{server_error(429)});
  reads(judge::verdict::breach);
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_steps, a_change_whose_time_has_not_come_is_not_looked_for) {
  spec.validation_interval = 10s;
  wants_next_step();
  answer(traffic_changed{std::unexpected{problem(fault::try_again, 429, 5min)}});
  reads(judge::verdict::no_data);
  answer(share_is(5.0));
  expect_call(operation::change_traffic, repeat_at() - at.now);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_FALSE(settles_at());
}

TEST_F(canary_steps, a_change_whose_answer_was_lost_is_looked_for_by_a_rollback) {
  wants_next_step();
  answer(traffic_changed{lost_answer()});
  const auto settles = at.now + at.request_timeout;
  happens(commanded{{.what = command_kind::abort}});
  EXPECT_EQ(settles_at(), settles);
}

TEST_F(canary_steps, a_change_that_a_pause_withholds_is_looked_for_by_a_rollback) {
  wants_next_step();
  happens(commanded{{.what = command_kind::pause}});
  happens(commanded{{.what = command_kind::abort}});
  EXPECT_EQ(settles_at(), at.now + at.request_timeout);
}

TEST_F(canary_steps, a_traffic_change_resets_breaches_and_no_data_but_not_provider_errors) {
  spec.failure_limit = 2;
  wants_next_step();
  reads(judge::verdict::breach);
  reads(judge::verdict::no_data);
  reads(judge::verdict::provider_error);
  happens(traffic_changed{});
  EXPECT_EQ(current.hold.breaches, 0);
  EXPECT_EQ(current.hold.no_data, 0);
  EXPECT_EQ(current.hold.provider_errors, 1);
  EXPECT_TRUE(current.hold.troubled);
}

TEST_F(canary_steps, a_restart_asks_what_became_of_the_change) {
  wants_next_step();
  after(5s);
  happens(resumed{});
  expect_call(operation::read_status);
  answer(share_is(20.0));
  EXPECT_EQ(current.hold.step, 1);
}

TEST_F(canary_steps, max_extension_is_one_budget_for_all_steps) {
  spec.max_extension = 60s;
  current = make_canary("nightly", "u1", spec);
  deploys();
  reads_hold_ending_with(judge::verdict::no_data);
  reads(judge::verdict::pass);
  answer(traffic_changed{});
  EXPECT_EQ(current.extension_left, 30s);
  reads_hold_ending_with(judge::verdict::no_data);
  reads(judge::verdict::no_data);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_steps, on_inconclusive_promote_acts_only_after_the_last_hold) {
  spec.on_inconclusive = job::inconclusive_rule::promote;
  deploys();
  reads_hold_ending_with(judge::verdict::no_data);
  expect_state(canary_state::observing);
  EXPECT_TRUE(current.hold.extended);
  EXPECT_FALSE(is_changing_traffic(current));
}

TEST_F(canary_steps, a_pause_withholds_the_change_until_it_is_over) {
  wants_next_step();
  answer(traffic_changed{lost_answer()});
  happens(commanded{{.what = command_kind::pause}});
  expect_call(operation::read_status, 500ms);
  answer(share_is(5.0));
  EXPECT_FALSE(current.next_call);
  expect_state(canary_state::paused);
  after(1min);
  happens(commanded{{.what = command_kind::resume}});
  answer(share_is(5.0));
  expect_call(operation::change_traffic);
}

TEST_F(canary_steps, a_change_that_arrives_during_a_pause_starts_a_paused_hold) {
  wants_next_step();
  happens(commanded{{.what = command_kind::pause}});
  const auto began = paused_since();
  expect_call(operation::read_status, at.request_timeout);
  answer(share_is(20.0));
  expect_state(canary_state::paused);
  EXPECT_EQ(current.hold.step, 1);
  EXPECT_EQ(left_of_hold(current, at.now), 120s);
  EXPECT_EQ(paused_since(), began);
  after(1min);
  happens(commanded{{.what = command_kind::resume}});
  EXPECT_EQ(current.hold.ends - at.now, 120s);
}

TEST_F(canary_steps, a_change_that_arrives_during_a_pause_does_not_prolong_it) {
  spec.gate_timeout = 80s;
  wants_next_step();
  happens(commanded{{.what = command_kind::pause}});
  const auto paused_since = at.now;
  reads(judge::verdict::pass, 2);
  happens(share_is(20.0));
  EXPECT_EQ(current.hold.step, 1);
  reads(judge::verdict::pass);
  EXPECT_EQ(at.now - paused_since, 80s);
  EXPECT_EQ(why_of(current), reason::gate_timeout);
}

TEST_F(canary_steps, a_change_that_is_found_after_a_downtime_leaves_the_canary_unwatched) {
  wants_next_step();
  after(1h);
  happens(resumed{});
  EXPECT_TRUE(current.hold.unwatched);
  answer(share_is(20.0));
  EXPECT_EQ(current.hold.step, 1);
  EXPECT_TRUE(current.hold.unwatched);
  const command promote{.what = command_kind::promote, .actor = "operator(1000)"};
  EXPECT_EQ(judge_command(current, promote).effect, command_effect::refused);
  reads(judge::verdict::pass);
  EXPECT_EQ(judge_command(current, promote).effect, command_effect::done);
}

TEST_F(canary_steps, a_pause_withholds_a_change_that_has_not_gone_out) {
  wants_next_step();
  happens(commanded{{.what = command_kind::pause}});
  answer(share_is(5.0));
  EXPECT_FALSE(current.next_call);
  happens(commanded{{.what = command_kind::resume}});
  answer(share_is(5.0));
  expect_call(operation::change_traffic);
}

TEST_F(canary_steps, an_answer_about_the_share_before_is_no_reading_of_the_next_one) {
  wants_next_step();
  const auto late = current.hold.step;
  happens(traffic_changed{});
  const auto before = current;
  happens(poll_answered{sample_for(judge::verdict::breach), 15min, late});
  EXPECT_EQ(current, before);
}

TEST_F(canary_steps, a_change_that_a_rollback_overtakes_is_recorded) {
  wants_next_step();
  reads(judge::verdict::breach);
  EXPECT_THAT(records(), testing::ElementsAre("canary_initiated/success", "canary_step/failure",
                                              "canary_rollback/triggered"));
  EXPECT_EQ(audit[1].reason, "threshold_breach");
}

TEST_F(canary_steps, a_change_that_somebody_else_overtakes_is_recorded) {
  wants_next_step();
  answer(traffic_changed{lost_answer()});
  answer(share_is(5.0, "rolled_back"));
  EXPECT_THAT(records(), testing::ElementsAre("canary_initiated/success", "canary_step/failure",
                                              "canary_rollback/success"));
  EXPECT_EQ(audit[1].reason, "external_change");
}

TEST_F(canary_steps, a_repeated_change_waits_for_its_time_whatever_is_asked_meanwhile) {
  spec.validation_interval = 10s;
  wants_next_step();
  answer(traffic_changed{std::unexpected{problem(fault::try_again, 503, 5min)}});
  reads(judge::verdict::no_data);
  expect_call(operation::read_status);
  const auto asked = at.now;
  answer(share_is(5.0));
  expect_call(operation::change_traffic, repeat_at() - at.now);
  EXPECT_EQ(repeat_at(), asked + 50s);
}

TEST_F(canary_steps, attempts_of_the_deploy_do_not_count_for_the_change) {
  happens(accepted{});
  answer(listed());
  answer(deploy_answered{server_error(503)});
  answer(listed());
  answer(deploy_answered{"dep-1"});
  reads_hold_ending_with(judge::verdict::pass);
  answer(traffic_changed{server_error()});
  answer(status_read{server_error()});
  expect_state(canary_state::observing);
}

TEST_F(canary_steps, a_change_interrupted_by_a_restart_is_looked_for_by_a_rollback) {
  wants_next_step();
  happens(resumed{});
  reads(judge::verdict::breach);
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_state(canary_state::rolling_back);
  expect_call(operation::read_status, *settles_at() - at.now);
}

TEST_F(canary_steps, traffic_that_comes_back_is_taken_away_again) {
  wants_next_step();
  answer(traffic_changed{lost_answer()});
  reads(judge::verdict::breach);
  answer(rollback_answered{refusal()});
  answer(share_is(5.0));
  expect_call(operation::remove_traffic);
  const auto key = idempotency_key(current, operation::remove_traffic);
  answer(traffic_removed{});
  answer(share_is(20.0));
  answer(rollback_answered{refusal()});
  answer(share_is(20.0));
  expect_call(operation::remove_traffic);
  EXPECT_NE(idempotency_key(current, operation::remove_traffic), key);
}

TEST_F(canary_steps, a_rollback_after_a_promote_looks_for_the_change_that_was_on_its_way) {
  wants_next_step();
  happens(commanded{{.what = command_kind::promote}});
  happens(commanded{{.what = command_kind::abort}});
  EXPECT_TRUE(settles_at());
}

TEST_F(canary_steps, an_operator_may_promote_in_the_middle_of_a_change) {
  wants_next_step();
  happens(commanded{{.what = command_kind::promote}});
  expect_state(canary_state::promoting);
  EXPECT_FALSE(is_changing_traffic(current));
}

}  // namespace
}  // namespace canaryd::canary
