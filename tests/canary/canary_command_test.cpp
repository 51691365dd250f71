// What operators ask for (reference: "Commands"): abort, pause, resume, promote.
#include "canaryd/canary/command.hpp"

#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class canary_command : public canary_test {
 protected:
  static command by_operator(command_kind what) {
    return {.what = what, .actor = "operator(1000)", .reason = "because"};
  }
  command_effect status_of(command_kind what) const {
    return judge_command(current, by_operator(what)).effect;
  }
  command_effect status_of(const command& given) const {
    return judge_command(current, given).effect;
  }
  void orders(command_kind what) {
    ASSERT_EQ(status_of(what), command_effect::done);
    happens(commanded{by_operator(what)});
  }
  void refuses(command_kind what, std::string_view because) const {
    const auto outcome = judge_command(current, by_operator(what));
    EXPECT_EQ(outcome.effect, command_effect::refused) << to_string(what);
    EXPECT_THAT(outcome.detail, HasSubstr(std::string{because}));
    EXPECT_EQ(outcome.state, state_of(current));
  }
};

using canary_abort = canary_command;
using canary_pause = canary_command;
using canary_operator_promote = canary_command;

TEST_F(canary_abort, of_a_queued_job_ends_it_as_failed) {
  happens(accepted{});
  orders(command_kind::abort);
  expect_end(canary_state::failed, reason::operator_abort);
  EXPECT_THAT(records(), ElementsAre("canary_aborted/success", "canary_failed/failure"));
  EXPECT_EQ(audit[0].actor, "operator(1000)");
  EXPECT_EQ(audit[0].reason, "because");
  EXPECT_EQ(audit[1].actor, "operator(1000)");
}

TEST_F(canary_abort, of_a_deploy_under_way_rolls_back_what_it_makes) {
  wants_to_deploy();
  orders(command_kind::abort);
  expect_state(canary_state::deploying);
  EXPECT_THAT(current.detail, HasSubstr("aborted by operator(1000)"));
  expect_call(operation::deploy);
  answer(deploy_answered{"dep-1"});
  expect_state(canary_state::rolling_back);
  expect_call(operation::rollback);
  EXPECT_THAT(records(), ElementsAre("canary_aborted/success", "canary_initiated/success",
                                     "canary_rollback/triggered"));
  EXPECT_EQ(audit[2].reason, "operator_abort");
  EXPECT_EQ(audit[2].actor, "operator(1000)");
}

TEST_F(canary_abort, of_a_lost_deploy_rolls_back_what_is_found) {
  wants_to_deploy();
  answer(deploy_answered{lost_answer()});
  orders(command_kind::abort);
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(current.deployment_id, "dep-1");
}

TEST_F(canary_abort, of_a_lost_deploy_never_repeats_it) {
  wants_to_deploy();
  answer(deploy_answered{lost_answer()});
  orders(command_kind::abort);
  int empty_look_ups = 0;
  for (; state_of(current) == canary_state::deploying; ++empty_look_ups) {
    EXPECT_THAT(current.detail, HasSubstr("aborted by operator(1000)"));
    expect_call(operation::look_up, std::max(duration{}, current.next_call->not_before - at.now));
    answer(listed());
  }
  expect_end(canary_state::failed, reason::operator_abort);
  EXPECT_EQ(current.detail, "by operator(1000)");
  EXPECT_GE(empty_look_ups, 2);
}

TEST_F(canary_abort, of_a_refused_deploy_ends_it_as_failed) {
  wants_to_deploy();
  orders(command_kind::abort);
  answer(deploy_answered{refusal()});
  expect_end(canary_state::failed, reason::operator_abort);
}

TEST_F(canary_abort, without_a_token_sends_nothing_and_ends_it_as_failed) {
  wants_to_deploy();
  orders(command_kind::abort);
  answer(deploy_answered{no_token()});
  expect_end(canary_state::failed, reason::operator_abort);
}

TEST_F(canary_abort, survives_a_restart_in_the_middle_of_a_deploy) {
  wants_to_deploy();
  orders(command_kind::abort);
  happens(resumed{});
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::operator_abort);
}

TEST_F(canary_abort, of_an_observed_canary_rolls_it_back) {
  deploys();
  orders(command_kind::abort);
  expect_state(canary_state::rolling_back);
  expect_call(operation::rollback);
  expect_first_attempt(true);
  EXPECT_EQ(status_of(command_kind::abort), command_effect::already);
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::operator_abort);
  EXPECT_EQ(status_of(command_kind::abort), command_effect::already);
  EXPECT_THAT(records(), ElementsAre("canary_initiated/success", "canary_aborted/success",
                                     "canary_rollback/triggered", "canary_rollback/success"));
}

TEST_F(canary_abort, of_a_promoting_canary_finds_out_first_whether_it_is_promoted) {
  promotes();
  orders(command_kind::abort);
  expect_call(operation::read_status);
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
}

TEST_F(canary_abort, of_a_canary_that_rolls_back_for_another_reason_is_refused) {
  rolls_back();
  refuses(command_kind::abort, "cannot abort a job in state rolling_back");
}

TEST_F(canary_pause, lets_the_clock_of_the_hold_stand_still) {
  deploys();
  reads(judge::verdict::pass);
  orders(command_kind::pause);
  expect_state(canary_state::paused);
  EXPECT_EQ(status_of(command_kind::pause), command_effect::already);
  reads(judge::verdict::pass, 40);
  expect_state(canary_state::paused);
  orders(command_kind::resume);
  expect_state(canary_state::observing);
  EXPECT_EQ(current.hold.ends - at.now, 270s);
  reads_hold_ending_with(judge::verdict::pass);
  expect_state(canary_state::promoting);
  EXPECT_THAT(records(), ElementsAre("canary_initiated/success", "canary_paused/success",
                                     "canary_resumed/success"));
}

TEST_F(canary_pause, keeps_to_the_interval_past_the_end_of_the_hold) {
  spec.steps[0].hold = 100s;
  deploys();
  orders(command_kind::pause);
  reads(judge::verdict::pass, 3);
  EXPECT_EQ(next_due_s(), 120);
}

TEST_F(canary_pause, does_not_put_off_the_reading_at_the_end_of_the_hold) {
  spec.steps[0].hold = 100s;
  deploys();
  reads(judge::verdict::pass, 3);
  EXPECT_EQ(next_due_s(), 100);
  orders(command_kind::pause);
  reads(judge::verdict::pass);
  EXPECT_EQ(next_due_s(), 130);
  orders(command_kind::resume);
  EXPECT_EQ(current.hold.next_due - at.now, 10s);
  EXPECT_EQ(current.hold.next_due, current.hold.ends);
  EXPECT_FALSE(std::get<phases::watching>(current.phase).stopped);
}

TEST_F(canary_pause, of_an_extension_that_is_used_up_leads_to_its_last_reading_at_once) {
  deploys();
  while (current.hold.next_due < current.hold.since + 420s)
    reads(judge::verdict::no_data);
  wait_for(current.hold.next_due + 10s);
  orders(command_kind::pause);
  reads(judge::verdict::no_data);
  orders(command_kind::resume);
  EXPECT_EQ(current.hold.next_due, at.now);
  reads(judge::verdict::no_data);
  EXPECT_EQ(why_of(current), reason::inconclusive);
}

TEST_F(canary_pause, rolls_back_for_a_breach_as_ever) {
  deploys();
  orders(command_kind::pause);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::threshold_breach);
}

TEST_F(canary_pause, rolls_back_a_canary_that_nobody_can_see) {
  deploys();
  orders(command_kind::pause);
  reads(judge::verdict::provider_error, spec.provider_error_limit);
  EXPECT_EQ(why_of(current), reason::provider_unavailable);
}

TEST_F(canary_pause, ends_with_gate_timeout) {
  spec.gate_timeout = 10min;
  deploys();
  orders(command_kind::pause);
  const auto paused_at = at.now;
  while (state_of(current) == canary_state::paused)
    reads(judge::verdict::pass);
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::gate_timeout);
  EXPECT_EQ(current.detail, "the job was not resumed within gate_timeout (10m)");
  EXPECT_EQ(at.now - paused_at, 10min);
}

TEST_F(canary_pause, keeps_its_time_over_a_restart) {
  spec.gate_timeout = 10min;
  deploys();
  orders(command_kind::pause);
  const auto paused_at = at.now;
  after(9min);
  happens(resumed{});
  expect_state(canary_state::paused);
  expect_call(operation::read_status);
  answer(status_is("active"));
  while (state_of(current) == canary_state::paused)
    reads(judge::verdict::pass);
  EXPECT_EQ(why_of(current), reason::gate_timeout);
  EXPECT_EQ(at.now - paused_at, 10min);
}

TEST_F(canary_pause, that_ended_while_nobody_looked_is_looked_at_now) {
  spec.gate_timeout = 10min;
  deploys();
  orders(command_kind::pause);
  after(1h);
  happens(resumed{});
  EXPECT_EQ(current.hold.next_due, at.now);
  reads(judge::verdict::pass);
  EXPECT_EQ(why_of(current), reason::gate_timeout);
}

TEST_F(canary_pause, in_an_extension_goes_on_with_what_is_left_of_it) {
  deploys();
  reads_hold_ending_with(judge::verdict::no_data);
  ASSERT_TRUE(current.hold.extended);
  answer(status_is("active"));
  after(20s);
  orders(command_kind::pause);
  reads(judge::verdict::no_data, 10);
  answer(status_is("active"));
  orders(command_kind::resume);
  EXPECT_EQ(at.now - current.hold.ends, 20s);
  answer(status_is("active"));
  while (state_of(current) == canary_state::observing)
    reads(judge::verdict::no_data);
  EXPECT_EQ(why_of(current), reason::inconclusive);
  EXPECT_EQ(at.now - current.hold.ends, spec.max_extension);
}

TEST_F(canary_pause, sees_what_somebody_else_does) {
  deploys();
  orders(command_kind::pause);
  reads(judge::verdict::no_data);
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::external_change);
}

TEST_F(canary_pause, resuming_reads_the_status) {
  deploys();
  orders(command_kind::pause);
  orders(command_kind::resume);
  expect_call(operation::read_status);
  EXPECT_EQ(status_of(command_kind::resume), command_effect::already);
}

TEST_F(canary_pause, is_refused_where_nothing_is_held) {
  happens(accepted{});
  refuses(command_kind::pause, "cannot pause a job in state queued");
  refuses(command_kind::resume, "cannot resume a job in state queued");
  refuses(command_kind::approve, "cannot approve a job in state queued");
}

TEST_F(canary_operator_promote, skips_the_rest_of_the_hold) {
  deploys();
  reads(judge::verdict::pass);
  orders(command_kind::promote);
  expect_state(canary_state::promoting);
  expect_call(operation::promote);
  EXPECT_EQ(status_of(command_kind::promote), command_effect::already);
  answer(promote_answered{});
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::operator_promote);
  EXPECT_THAT(records(), ElementsAre("canary_initiated/success", "canary_completed/success"));
  EXPECT_EQ(audit.back().actor, "operator(1000)");
  EXPECT_EQ(audit.back().reason, "operator_promote");
  EXPECT_EQ(status_of(command_kind::promote), command_effect::already);
}

TEST_F(canary_operator_promote, ends_a_pause) {
  deploys();
  reads(judge::verdict::pass);
  orders(command_kind::pause);
  orders(command_kind::promote);
  expect_state(canary_state::promoting);
  reads(judge::verdict::pass, 20);
  expect_state(canary_state::promoting);
}

TEST_F(canary_operator_promote, is_refused_without_a_reading_and_after_a_breach_unless_forced) {
  spec.failure_limit = 3;
  deploys();
  refuses(command_kind::promote, "no reading");
  reads(judge::verdict::breach);
  refuses(command_kind::promote, "a breach");
  auto forced = by_operator(command_kind::promote);
  forced.force = true;
  EXPECT_EQ(status_of(forced), command_effect::done);
  happens(commanded{forced});
  expect_state(canary_state::promoting);
}

TEST_F(canary_operator_promote, is_refused_until_it_was_looked_at_again_after_a_downtime) {
  deploys();
  reads(judge::verdict::pass);
  after(2min);
  happens(resumed{});
  refuses(command_kind::promote, "unwatched");
  reads(judge::verdict::pass);
  orders(command_kind::promote);
  expect_state(canary_state::promoting);
}

TEST_F(canary_operator_promote, still_rolls_back_for_a_breach_past_its_limit) {
  deploys();
  reads(judge::verdict::pass);
  orders(command_kind::promote);
  reads(judge::verdict::breach);
  expect_state(canary_state::rolling_back);
}

TEST_F(canary_command, what_the_operator_believes_has_to_be_so) {
  deploys();
  auto given = by_operator(command_kind::pause);
  given.expect_state = "deploying";
  EXPECT_EQ(judge_command(current, given).detail, "the job is observing, not deploying");
  given.expect_state = "observing";
  given.expect_step = 2;
  EXPECT_EQ(judge_command(current, given).detail, "the job is at step 1, not 2");
  given.expect_step = 1;
  EXPECT_EQ(status_of(given), command_effect::done);
}

TEST_F(canary_command, one_that_is_refused_changes_nothing) {
  rolls_back();
  const auto before = current;
  for (const auto what : {command_kind::abort, command_kind::pause, command_kind::resume,
                          command_kind::approve, command_kind::promote})
    happens(commanded{by_operator(what)});
  EXPECT_EQ(current, before);
}

}  // namespace
}  // namespace canaryd::canary
