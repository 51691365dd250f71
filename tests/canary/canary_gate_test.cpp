// Gates: waiting for an operator before a step or the promote (reference: "Gates and pauses").
#include "canaryd/canary/command.hpp"

#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_gate : public canary_test {
 protected:
  void SetUp() override {
    spec.steps = {{.canary_percent = 5.0, .hold = 60s},
                  {.canary_percent = 20.0, .hold = 60s, .approve = true}};
    spec.approve_promotion = true;
    spec.gate_timeout = 10min;
    spec.failure_limit = 2;
  }

  void waits() {
    deploys();
    reads_hold_ending_with(judge::verdict::pass);
    expect_state(canary_state::waiting_approval);
  }
  void approves() {
    happens(commanded{{.what = command_kind::approve, .actor = "operator(1000)"}});
  }
};

TEST_F(canary_gate, a_step_that_wants_approval_waits_for_it) {
  waits();
  EXPECT_FALSE(current.next_call);
  EXPECT_EQ(current.detail, "waiting for approval of 20% of the traffic");
  EXPECT_TRUE(told(severity::warning, "waiting for approval"));
  reads(judge::verdict::pass, 5);
  expect_state(canary_state::waiting_approval);
  EXPECT_EQ(current.hold.step, 0);
}

TEST_F(canary_gate, it_opens_at_once_where_the_newest_reading_is_a_pass) {
  waits();
  approves();
  expect_state(canary_state::observing);
  expect_call(operation::change_traffic);
  EXPECT_EQ(audit.back().actor, "operator(1000)");
  EXPECT_EQ(records().back(), "canary_approved/success");
}

TEST_F(canary_gate, it_opens_at_the_next_pass_where_the_newest_reading_is_none) {
  for (const auto newest :
       {judge::verdict::breach, judge::verdict::no_data, judge::verdict::provider_error}) {
    current = make_canary("nightly", "u1", spec);
    waits();
    reads(newest);
    approves();
    expect_state(canary_state::waiting_approval);
    EXPECT_TRUE(current.hold.approved);
    reads(judge::verdict::no_data);
    expect_state(canary_state::waiting_approval);
    reads(judge::verdict::pass);
    expect_state(canary_state::observing);
    EXPECT_TRUE(is_changing_traffic(current));
    EXPECT_EQ(current.hold.next_due - at.now, spec.validation_interval);
  }
}

TEST_F(canary_gate, the_one_before_the_promote_is_another) {
  waits();
  approves();
  answer(traffic_changed{});
  reads_hold_ending_with(judge::verdict::pass);
  expect_state(canary_state::waiting_approval);
  EXPECT_EQ(current.detail, "waiting for approval of the promote");
  approves();
  expect_state(canary_state::promoting);
  EXPECT_EQ(current.detail, "");
  answer(promote_answered{});
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::passed);
  EXPECT_THAT(records(), testing::ElementsAre("canary_initiated/success", "canary_approved/success",
                                              "canary_step/success", "canary_approved/success",
                                              "canary_completed/success"));
}

TEST_F(canary_gate, one_that_nobody_opens_rolls_back_in_time) {
  waits();
  const auto since = at.now;
  while (state_of(current) == canary_state::waiting_approval)
    reads(judge::verdict::pass);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::gate_timeout);
  EXPECT_EQ(current.detail, "the gate was not approved within gate_timeout (10m)");
  EXPECT_EQ(at.now - since, 10min);
}

TEST_F(canary_gate, one_that_is_open_for_less_than_an_interval_rolls_back_in_time) {
  spec.gate_timeout = 10s;
  waits();
  const auto since = at.now;
  reads(judge::verdict::pass);
  EXPECT_EQ(why_of(current), reason::gate_timeout);
  EXPECT_EQ(at.now - since, 10s);
}

TEST_F(canary_gate, the_one_before_the_promote_is_not_in_the_way_of_a_step) {
  spec.steps[1].approve = false;
  deploys();
  reads_hold_ending_with(judge::verdict::pass);
  expect_state(canary_state::observing);
  EXPECT_TRUE(is_changing_traffic(current));
}

TEST_F(canary_gate, one_that_was_approved_without_a_pass_to_follow_rolls_back_in_time) {
  waits();
  reads(judge::verdict::no_data);
  approves();
  while (state_of(current) == canary_state::waiting_approval)
    reads(judge::verdict::no_data);
  EXPECT_EQ(why_of(current), reason::gate_timeout);
  EXPECT_EQ(current.detail,
            "the gate was approved, but no reading passed within gate_timeout (10m)");
}

TEST_F(canary_gate, it_stays_shut_after_a_time_when_nobody_looked) {
  waits();
  after(91s);
  EXPECT_TRUE(went_unwatched(spec, current, 1.0, at.now));
  EXPECT_FALSE(went_unwatched(spec, current, 1.0, at.now - 1s));
  EXPECT_FALSE(went_unwatched(spec, current, 2.0, at.now));
  happens(awoken{});
  EXPECT_TRUE(told(severity::warning, "not watched for 1m1s"));
  EXPECT_FALSE(went_unwatched(spec, current, 1.0, at.now));
  approves();
  expect_state(canary_state::waiting_approval);
  reads(judge::verdict::pass);
  EXPECT_TRUE(told_nothing_at(severity::warning));
  EXPECT_TRUE(is_changing_traffic(current));
}

TEST_F(canary_gate, breaches_roll_back_while_it_waits) {
  waits();
  reads(judge::verdict::breach, 2);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
}

TEST_F(canary_gate, readings_without_data_do_not_end_the_wait) {
  waits();
  reads(judge::verdict::no_data, 5);
  expect_state(canary_state::waiting_approval);
}

TEST_F(canary_gate, it_uses_up_nothing_of_max_extension) {
  waits();
  reads(judge::verdict::pass, 10);
  approves();
  EXPECT_EQ(current.extension_left, spec.max_extension);
}

TEST_F(canary_gate, it_cannot_be_approved_before_it_is_reached) {
  deploys();
  const command wish{.what = command_kind::approve};
  EXPECT_EQ(judge_command(current, wish).effect, command_effect::refused);
}

TEST_F(canary_gate, approving_twice_is_approving_once) {
  waits();
  reads(judge::verdict::no_data);
  approves();
  EXPECT_EQ(judge_command(current, {.what = command_kind::approve}).effect,
            command_effect::already);
  const auto before = current;
  approves();
  EXPECT_EQ(current, before);
}

TEST_F(canary_gate, approving_one_that_has_opened_meanwhile_is_no_mistake) {
  waits();
  approves();
  const command again{.what = command_kind::approve, .expect_state = "waiting_approval"};
  EXPECT_EQ(judge_command(current, again).effect, command_effect::already);
  answer(traffic_changed{});
  EXPECT_EQ(judge_command(current, again).effect, command_effect::refused);
  reads_hold_ending_with(judge::verdict::pass);
  approves();
  expect_state(canary_state::promoting);
  EXPECT_EQ(judge_command(current, again).effect, command_effect::already);
}

TEST_F(canary_gate, one_that_is_rolled_back_after_the_approval_cannot_be_approved) {
  waits();
  reads(judge::verdict::no_data);
  approves();
  const command again{.what = command_kind::approve};
  reads(judge::verdict::breach, 2);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(judge_command(current, again).effect, command_effect::refused);
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
  EXPECT_EQ(judge_command(current, again).effect, command_effect::refused);
}

TEST_F(canary_gate, an_operator_may_promote_or_abort_instead) {
  waits();
  const auto waiting = current;
  happens(commanded{{.what = command_kind::promote, .actor = "operator(1000)"}});
  expect_state(canary_state::promoting);
  current = waiting;
  happens(commanded{{.what = command_kind::abort, .actor = "operator(1000)"}});
  EXPECT_EQ(why_of(current), reason::operator_abort);
}

TEST_F(canary_gate, a_restart_leaves_it_waiting) {
  waits();
  after(1min);
  happens(resumed{});
  expect_state(canary_state::waiting_approval);
  answer(status_is("active"));
  expect_state(canary_state::waiting_approval);
}

TEST_F(canary_gate, a_pass_from_before_a_downtime_does_not_open_it) {
  waits();
  after(2min);
  happens(resumed{});
  approves();
  expect_state(canary_state::waiting_approval);
  EXPECT_TRUE(current.hold.approved);
  reads(judge::verdict::pass);
  expect_state(canary_state::observing);
  expect_call(operation::change_traffic);
}

TEST_F(canary_gate, a_pass_from_before_a_short_restart_opens_it) {
  waits();
  after(40s);
  happens(resumed{});
  approves();
  expect_state(canary_state::observing);
}

}  // namespace
}  // namespace canaryd::canary
