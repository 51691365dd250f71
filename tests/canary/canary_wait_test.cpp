// How long a canary waits between its attempts, whatever Retry-After asks for
// (reference: "Retries").
#include "canaryd/canary/command.hpp"

#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_wait : public canary_test {
 protected:
  static auto busy(duration retry_after) {
    return std::unexpected{problem(fault::try_again, 429, retry_after)};
  }
  static auto no_token_for(duration retry_after) {
    return std::unexpected{problem(fault::no_token, 429, retry_after)};
  }
  void orders_abort() {
    happens(commanded{{.what = command_kind::abort, .actor = "operator(1000)"}});
  }
};

TEST_F(canary_wait, a_retry_after_of_nothing_leaves_the_backoff) {
  promotes();
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 15'000ms, 15'000ms}) {
    answer(promote_answered{busy(0s)});
    expect_call(operation::read_status, wait);
    answer(status_is("active"));
    expect_call(operation::promote);
  }
}

TEST_F(canary_wait, a_deploy_is_not_given_up_at_once) {
  wants_to_deploy();
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms}) {
    answer(deploy_answered{busy(0s)});
    expect_call(operation::look_up, wait);
    answer(listed());
    expect_call(operation::deploy);
  }
}

TEST_F(canary_wait, a_rollback_is_not_repeated_without_a_pause) {
  rolls_back();
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms}) {
    answer(rollback_answered{busy(0s)});
    expect_call(operation::read_status, wait);
    answer(status_is("active"));
  }
}

TEST_F(canary_wait, a_token_is_not_asked_for_without_a_pause) {
  happens(accepted{});
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms}) {
    answer(looked_up{no_token_for(0s)});
    expect_call(operation::look_up, wait);
  }
}

TEST_F(canary_wait, a_deploy_waits_five_minutes_at_most) {
  wants_to_deploy();
  answer(deploy_answered{busy(24h)});
  expect_call(operation::look_up, 5min);
}

TEST_F(canary_wait, a_deploy_that_may_be_live_is_looked_for_every_minute) {
  wants_to_deploy();
  answer(deploy_answered{lost_answer()});
  answer(looked_up{busy(24h)});
  expect_call(operation::look_up, 60s);
}

TEST_F(canary_wait, promotes_and_traffic_changes_wait_a_minute_at_most) {
  promotes();
  answer(promote_answered{busy(24h)});
  expect_call(operation::read_status, 60s);
}

TEST_F(canary_wait, a_traffic_change_waits_a_minute_at_most) {
  spec.steps = {{.canary_percent = 5.0, .hold = 60s}, {.canary_percent = 20.0, .hold = 60s}};
  deploys();
  reads_hold_ending_with(judge::verdict::pass);
  answer(traffic_changed{busy(24h)});
  expect_call(operation::read_status, 60s);
}

TEST_F(canary_wait, a_repeated_rollback_waits_a_minute_at_most) {
  rolls_back();
  answer(rollback_answered{busy(24h)});
  expect_call(operation::read_status, 60s);
  expect_first_attempt(false);
}

TEST_F(canary_wait, a_rollback_that_was_never_sent_is_not_held_up) {
  rolls_back();
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms}) {
    answer(rollback_answered{no_token_for(300s)});
    expect_call(operation::read_status, wait);
    expect_first_attempt(true);
    answer(status_is("active"));
    expect_call(operation::rollback);
    expect_first_attempt(true);
  }
  answer(rollback_answered{busy(300s)});
  expect_call(operation::read_status, 60s);
  expect_first_attempt(false);
}

TEST_F(canary_wait, the_traffic_is_taken_away_like_a_first_attempt_once) {
  rolls_back();
  answer(rollback_answered{refusal()});
  expect_call(operation::read_status);
  expect_first_attempt(true);
  answer(status_is("active"));
  expect_call(operation::remove_traffic);
  expect_first_attempt(true);
  answer(traffic_removed{busy(300s)});
  expect_call(operation::read_status, 60s);
  expect_first_attempt(false);
  answer(status_is("active"));
  answer(rollback_answered{refusal()});
  answer(status_is("active"));
  expect_call(operation::remove_traffic);
  expect_first_attempt(false);
}

TEST_F(canary_wait, an_abort_looks_at_once_for_what_the_deploy_has_made) {
  wants_to_deploy();
  answer(deploy_answered{busy(300s)});
  expect_call(operation::look_up, 300s);
  orders_abort();
  expect_call(operation::look_up);
  answer(looked_up{busy(300s)});
  expect_call(operation::look_up, 500ms);
  answer(listed());
  expect_call(operation::look_up, at.request_timeout - 500ms);
  answer(listed());
  expect_end(canary_state::failed, reason::operator_abort);
}

TEST_F(canary_wait, each_of_surplus_deployments_waits_a_minute_at_most) {
  deploys_three_times();
  answer(surplus_answered{busy(0s)});
  expect_call(operation::rollback_surplus, 500ms);
  answer(surplus_answered{busy(24h)});
  expect_call(operation::rollback_surplus, 60s);
}

}  // namespace
}  // namespace canaryd::canary
