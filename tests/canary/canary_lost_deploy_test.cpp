// A deploy whose answer was lost, or whose repeat was answered.
#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_lost_deploy : public canary_test {
 protected:
  void loses_the_answer() {
    wants_to_deploy();
    answer(deploy_answered{lost_answer()});
  }
};

TEST_F(canary_lost_deploy, a_lost_deploy_answer_is_looked_up_before_it_is_repeated) {
  loses_the_answer();
  expect_state(canary_state::deploying);
  expect_call(operation::look_up);
  answer(listed());
  expect_call(operation::look_up, 30s);
  answer(listed());
  expect_call(operation::deploy);
  EXPECT_EQ(idempotency_key(current, operation::deploy), "u1-deploy");
}

TEST_F(canary_lost_deploy, a_deploy_that_had_landed_is_observed) {
  loses_the_answer();
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::observing);
  EXPECT_EQ(current.deployment_id, "dep-1");
  EXPECT_TRUE(told(severity::warning, "dep-1"));
  EXPECT_THAT(records(), testing::ElementsAre("canary_initiated/success"));
}

TEST_F(canary_lost_deploy, only_a_new_live_deployment_of_this_version_is_a_match) {
  happens(accepted{});
  answer(looked_up{std::vector<found_deployment>{{deployed_as("known"), true}}});
  answer(deploy_answered{lost_answer()});
  auto elsewhere = deployed_as("elsewhere");
  elsewhere.bot_id = "bot_b";
  answer(looked_up{std::vector<found_deployment>{{deployed_as("known"), false},
                                                 {deployed_as("owned"), true},
                                                 {deployed_as("ended", "rolled_back"), false},
                                                 {deployed_as("old", "active", "1.9"), false},
                                                 {elsewhere, false}}});
  expect_state(canary_state::deploying);
  EXPECT_TRUE(current.deployment_id.empty());
}

TEST_F(canary_lost_deploy, an_accepted_deploy_without_an_id_is_looked_up) {
  wants_to_deploy();
  answer(deploy_answered{""});
  expect_call(operation::look_up);
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::observing);
}

TEST_F(canary_lost_deploy, a_server_error_is_repeated_after_its_backoff) {
  wants_to_deploy();
  answer(deploy_answered{server_error()});
  expect_call(operation::look_up, 500ms);
  answer(listed());
  expect_call(operation::deploy);
  answer(deploy_answered{
      std::unexpected{problem(fault::try_again, 503, std::optional<duration>{40s})}});
  expect_call(operation::look_up, 40s);
}

TEST_F(canary_lost_deploy, a_gateway_timeout_is_waited_for_like_a_lost_answer) {
  wants_to_deploy();
  answer(deploy_answered{server_error(504)});
  expect_call(operation::look_up);
  answer(listed());
  expect_call(operation::look_up, 30s);
}

TEST_F(canary_lost_deploy, more_than_one_found_keeps_the_oldest_and_rolls_back_the_rest) {
  deploys_three_times();
  expect_state(canary_state::observing);
  EXPECT_EQ(current.deployment_id, "dep-1");
  EXPECT_THAT(current.surplus_deployments, testing::ElementsAre("dep-2", "dep-3"));
  EXPECT_TRUE(told(severity::critical, "dep-2"));
  EXPECT_TRUE(told(severity::critical, "dep-3"));
  expect_call(operation::rollback_surplus);
}

TEST_F(canary_lost_deploy, an_answer_to_the_repeat_does_not_hide_what_the_first_attempt_made) {
  loses_the_answer();
  answer(listed());
  answer(listed());
  answer(deploy_answered{"dep-2"});
  expect_call(operation::look_up);
  answer(listed({deployed_as("dep-1", "active", "2.1.0", "2026-01-01T00:00:01Z"),
                 deployed_as("dep-2", "active", "2.1.0", "2026-01-01T00:00:02Z")}));
  expect_state(canary_state::observing);
  EXPECT_EQ(current.deployment_id, "dep-1");
  EXPECT_THAT(current.surplus_deployments, testing::ElementsAre("dep-2"));
}

TEST_F(canary_lost_deploy, an_answered_repeat_is_observed_whatever_the_look_up_says) {
  loses_the_answer();
  answer(listed());
  answer(listed());
  answer(deploy_answered{"dep-2"});
  const auto named = current;
  for (const auto& answer_to_it : {listed(), looked_up{refusal()}, looked_up{lost_answer()}}) {
    current = named;
    answer(answer_to_it);
    expect_state(canary_state::observing);
    EXPECT_EQ(current.deployment_id, "dep-2");
    EXPECT_TRUE(current.surplus_deployments.empty());
  }
}

TEST_F(canary_lost_deploy, a_refused_look_up_never_repeats_a_lost_deploy_blindly) {
  happens(accepted{});
  answer(looked_up{refusal()});
  answer(deploy_answered{lost_answer()});
  for (int i = 0; i < 100; ++i) {
    answer(looked_up{refusal()});
    expect_state(canary_state::deploying);
    expect_call(operation::look_up, 60s);
    EXPECT_TRUE(told(severity::critical, "may be live"));
  }
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::observing);
}

TEST_F(canary_lost_deploy,
       a_refused_look_up_does_not_keep_an_attempt_from_its_repeat_that_did_nothing) {
  happens(accepted{});
  answer(looked_up{refusal()});
  answer(deploy_answered{server_error(429)});
  answer(looked_up{refusal()});
  expect_call(operation::deploy);
}

TEST_F(canary_lost_deploy, after_the_last_attempt_nothing_found_twice_fails) {
  spec.provider_error_limit = 2;
  loses_the_answer();
  answer(listed());
  answer(listed());
  answer(deploy_answered{lost_answer()});
  answer(listed());
  expect_state(canary_state::deploying);
  answer(listed());
  expect_end(canary_state::failed, reason::provider_unavailable);
  EXPECT_THAT(records(), testing::ElementsAre("canary_failed/failure"));
}

TEST_F(canary_lost_deploy, one_look_is_not_enough_after_the_last_attempt) {
  spec.provider_error_limit = 1;
  wants_to_deploy();
  answer(deploy_answered{server_error(500)});
  answer(listed());
  expect_state(canary_state::deploying);
  expect_call(operation::look_up, 30s);
  answer(listed());
  expect_end(canary_state::failed, reason::provider_unavailable);
}

TEST_F(canary_lost_deploy, after_the_last_attempt_what_is_found_is_rolled_back) {
  spec.provider_error_limit = 1;
  loses_the_answer();
  answer(listed());
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::provider_unavailable);
  EXPECT_EQ(current.deployment_id, "dep-1");
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_rollback/triggered"));
}

TEST_F(canary_lost_deploy, an_unanswered_look_up_is_asked_again_ever_more_slowly) {
  loses_the_answer();
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 15000ms, 15000ms}) {
    answer(looked_up{server_error()});
    expect_call(operation::look_up, wait);
  }
  expect_state(canary_state::deploying);
}

TEST_F(canary_lost_deploy, failed_look_ups_are_critical_at_the_limit_and_whenever_they_double) {
  spec.provider_error_limit = 6;
  loses_the_answer();
  std::vector<int> critical_at;
  for (int tries = 1; tries <= 50; ++tries) {
    answer(looked_up{tries % 2 == 0 ? server_error() : no_token()});
    expect_state(canary_state::deploying);
    EXPECT_EQ(is_deploy_lost(spec, current), tries >= 6) << tries;
    if (told(severity::critical, "may be live"))
      critical_at.push_back(tries);
  }
  EXPECT_THAT(critical_at, testing::ElementsAre(6, 12, 24, 48));
  EXPECT_THAT(current.detail, testing::HasSubstr("may be live"));
  answer(listed());
  EXPECT_FALSE(is_deploy_lost(spec, current));
}

TEST_F(canary_lost_deploy, a_refused_look_up_needs_somebody_at_once) {
  happens(accepted{});
  answer(looked_up{refusal()});
  answer(deploy_answered{lost_answer()});
  EXPECT_FALSE(is_deploy_lost(spec, current));
  answer(looked_up{refusal()});
  EXPECT_TRUE(is_deploy_lost(spec, current));
  happens(resumed{});
  EXPECT_TRUE(is_deploy_lost(spec, current));
}

TEST_F(canary_lost_deploy, what_cannot_be_read_may_be_what_the_deploy_has_made) {
  spec.provider_error_limit = 2;
  deployment nameless;
  nameless.version = "2.1.0";
  auto other = nameless;
  other.version = "1.9";
  auto ended = nameless;
  ended.status = "rolled_back";
  happens(accepted{});
  auto before = listed();
  before.unreadable = {nameless, other, ended};
  answer(before);
  expect_call(operation::deploy);
  answer(deploy_answered{lost_answer()});
  auto now = before;
  now.unreadable = {nameless, other, ended, nameless};
  for (int i = 0; i < 20; ++i) {
    answer(now);
    expect_state(canary_state::deploying);
    expect_call(operation::look_up, current.next_call->not_before - at.now);
  }
  EXPECT_TRUE(is_deploy_lost(spec, current));
  const auto waiting = current;
  now.found = listed({deployed_as("dep-1")}).found;
  answer(now);
  expect_state(canary_state::observing);
  current = waiting;
  now = before;
  now.unreadable.push_back(other);
  answer(now);
  expect_call(operation::deploy);
}

TEST_F(canary_lost_deploy, the_oldest_is_kept_whatever_dates_look_like) {
  loses_the_answer();
  const auto found = current;
  answer(listed({deployed_as("dep-2", "active", "2.1.0", "1000"),
                 deployed_as("dep-1", "active", "2.1.0", "999")}));
  EXPECT_EQ(current.deployment_id, "dep-1");
  current = found;
  answer(listed({deployed_as("dep-1"), deployed_as("dep-2", "active", "2.1.0", "1000")}));
  EXPECT_EQ(current.deployment_id, "dep-1");
}

TEST_F(canary_lost_deploy, a_refused_repeat_gives_the_lost_attempt_time_to_show_up) {
  loses_the_answer();
  answer(listed());
  answer(listed());
  answer(deploy_answered{refusal(409)});
  expect_call(operation::look_up);
  answer(listed());
  expect_call(operation::look_up, 30s);
  const auto waiting = current;
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::observing);
  current = waiting;
  answer(listed());
  expect_end(canary_state::failed, reason::deploy_refused);
}

TEST_F(canary_lost_deploy, a_missing_token_after_an_attempt_is_no_attempt_of_its_own) {
  spec.provider_error_limit = 2;
  loses_the_answer();
  answer(listed());
  answer(listed());
  for (int i = 0; i < 20; ++i) {
    answer(deploy_answered{no_token()});
    expect_state(canary_state::deploying);
    answer(listed());
    expect_call(operation::deploy);
  }
}

TEST_F(canary_lost_deploy,
       a_missing_token_after_an_answered_attempt_does_not_put_it_back_in_the_queue) {
  wants_to_deploy();
  answer(deploy_answered{server_error(503)});
  answer(listed());
  answer(deploy_answered{no_token()});
  expect_state(canary_state::deploying);
  expect_call(operation::look_up, 500ms);
}

TEST_F(canary_lost_deploy, resumed_while_deploying_it_looks_up_before_it_sends_anything) {
  wants_to_deploy();
  happens(resumed{});
  expect_state(canary_state::deploying);
  expect_call(operation::look_up);
  const auto looking = current;
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::observing);
  current = looking;
  answer(listed());
  expect_call(operation::look_up, 30s);
  answer(listed());
  expect_call(operation::deploy);
}

TEST_F(canary_lost_deploy, resumed_over_and_over_it_does_not_wait_anew_each_time) {
  wants_to_deploy();
  happens(resumed{});
  answer(listed());
  expect_call(operation::look_up, 30s);
  at.now += 20s;
  happens(resumed{});
  expect_call(operation::look_up);
  answer(listed());
  expect_call(operation::look_up, 10s);
  at.now += 10s;
  happens(resumed{});
  answer(listed());
  expect_call(operation::deploy);
}

TEST_F(canary_lost_deploy, resumed_after_an_attempt_that_was_certainly_not_carried_out) {
  wants_to_deploy();
  answer(deploy_answered{server_error()});
  const auto repeat_at = std::get<phases::deploying>(current.phase).repeat_at;
  happens(resumed{});
  EXPECT_FALSE(is_deploy_uncertain(current));
  EXPECT_EQ(std::get<phases::deploying>(current.phase).repeat_at, repeat_at);
}

TEST_F(canary_lost_deploy, resumed_while_deploying_blindly_it_sends_nothing) {
  happens(accepted{});
  answer(looked_up{refusal()});
  happens(resumed{});
  answer(looked_up{refusal()});
  expect_call(operation::look_up, 60s);
}

}  // namespace
}  // namespace canaryd::canary
