// From the queue to the deploy's first answer.
#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

using canary_deploy = canary_test;

TEST_F(canary_deploy, looks_up_before_the_first_attempt_and_keeps_what_it_found) {
  happens(accepted{});
  expect_state(canary_state::queued);
  expect_call(operation::look_up);
  answer(listed({deployed_as("old-1", "promoted"), deployed_as("old-2", "rolled_back")}));
  expect_state(canary_state::deploying);
  expect_call(operation::deploy);
  EXPECT_THAT(std::get<phases::deploying>(current.phase).before.known_deployments,
              testing::ElementsAre("old-1", "old-2"));
}

TEST_F(canary_deploy, an_answered_deploy_is_observed_from_then_on) {
  wants_to_deploy();
  after(2s);
  happens(deploy_answered{"dep-1"});
  expect_state(canary_state::observing);
  EXPECT_EQ(current.deployment_id, "dep-1");
  EXPECT_EQ(current.hold.since, at.now);
  EXPECT_EQ(current.hold.next_due, at.now + 30s);
  EXPECT_EQ(current.hold.ends, at.now + 300s);
  EXPECT_THAT(records(), testing::ElementsAre("canary_initiated/success"));
  EXPECT_EQ(audit[0].deployment_id, "dep-1");
}

TEST_F(canary_deploy, accepting_it_once_more_changes_nothing) {
  happens(accepted{});
  const auto queued = current;
  happens(accepted{});
  EXPECT_EQ(current, queued);
  answer(listed());
  answer(deploy_answered{"dep-1"});
  const auto observed = current;
  happens(accepted{});
  EXPECT_EQ(current, observed);
}

TEST_F(canary_deploy, a_version_that_is_not_listed_is_not_deployed) {
  at.checks_versions = true;
  happens(accepted{});
  expect_call(operation::check_version);
  answer(version_checked{false});
  expect_end(canary_state::failed, reason::deploy_refused);
  EXPECT_THAT(records(), testing::ElementsAre("canary_failed/failure"));
}

TEST_F(canary_deploy, a_listed_version_is_deployed) {
  at.checks_versions = true;
  happens(accepted{});
  answer(version_checked{true});
  expect_call(operation::look_up);
}

TEST_F(canary_deploy, the_webhook_is_settled_before_the_deploy) {
  spec.webhook_url = "https://ci.example.com/hook";
  happens(accepted{});
  answer(listed());
  expect_call(operation::register_webhook);
  answer(webhook_settled{});
  expect_state(canary_state::deploying);
  expect_call(operation::deploy);
}

TEST_F(canary_deploy, a_live_deployment_that_no_job_owns_keeps_it_queued_and_warns_once) {
  happens(accepted{});
  answer(listed({deployed_as("foreign", "active", "1.9")}));
  expect_state(canary_state::queued);
  expect_call(operation::look_up, 30s);
  EXPECT_TRUE(told(severity::warning, "foreign"));
  answer(listed({deployed_as("foreign", "active", "1.9")}));
  EXPECT_TRUE(notes.empty());
  answer(listed());
  expect_call(operation::deploy);
}

TEST_F(canary_deploy, a_deployment_of_another_job_or_bot_is_not_in_the_way) {
  happens(accepted{});
  auto elsewhere = deployed_as("dep-9");
  elsewhere.environment_id = "env_b";
  answer(
      looked_up{std::vector<found_deployment>{{deployed_as("dep-8"), true}, {elsewhere, false}}});
  expect_call(operation::deploy);
}

TEST_F(canary_deploy, a_refused_deploy_fails) {
  wants_to_deploy();
  answer(deploy_answered{refusal(422)});
  expect_end(canary_state::failed, reason::deploy_refused);
  EXPECT_THAT(records(), testing::ElementsAre("canary_failed/failure"));
  EXPECT_EQ(audit[0].reason, "deploy_refused");
}

TEST_F(canary_deploy, a_token_failure_sends_nothing_and_stays_queued) {
  happens(accepted{});
  answer(looked_up{no_token()});
  expect_state(canary_state::queued);
  expect_call(operation::look_up, 500ms);
  answer(listed());
  answer(deploy_answered{no_token()});
  expect_state(canary_state::queued);
  expect_call(operation::look_up, 500ms);
  for (int i = 0; i < 50; ++i)
    answer(looked_up{no_token()});
  expect_state(canary_state::queued);
  expect_call(operation::look_up, 15s);
}

TEST_F(canary_deploy, a_provider_that_never_answers_the_first_question_fails_it) {
  spec.provider_error_limit = 3;
  happens(accepted{});
  answer(looked_up{server_error()});
  answer(looked_up{lost_answer()});
  expect_state(canary_state::queued);
  answer(looked_up{server_error()});
  expect_end(canary_state::failed, reason::provider_unavailable);
}

TEST_F(canary_deploy, where_looking_up_is_refused_the_first_attempt_goes_out_with_a_warning) {
  happens(accepted{});
  answer(looked_up{refusal()});
  expect_state(canary_state::deploying);
  expect_call(operation::deploy);
  EXPECT_TRUE(told(severity::warning, "cannot be listed"));
}

TEST_F(canary_deploy, resumed_while_queued_it_asks_again_from_the_start) {
  at.checks_versions = true;
  happens(accepted{});
  answer(version_checked{true});
  happens(resumed{});
  expect_state(canary_state::queued);
  expect_call(operation::check_version);
}

TEST_F(canary_deploy, waiting_does_not_use_up_the_questions_that_may_fail) {
  spec.provider_error_limit = 2;
  happens(accepted{});
  for (int i = 0; i < 10; ++i) {
    answer(looked_up{server_error()});
    answer(listed({deployed_as("foreign")}));
  }
  expect_state(canary_state::queued);
}

}  // namespace
}  // namespace canaryd::canary
