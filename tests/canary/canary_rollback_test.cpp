#include "canary_harness.hpp"

namespace canaryd::canary {
namespace {

class canary_rollback : public canary_test {
 protected:
  // The newest attempt has failed and the wait is over. The status says this.
  void finds(std::string status) {
    expect_call(operation::read_status, current.next_call->not_before - at.now);
    answer(status_is(std::move(status)));
  }
};

TEST_F(canary_rollback, an_accepted_rollback_is_verified_by_the_status) {
  rolls_back();
  answer(rollback_answered{});
  expect_state(canary_state::rolling_back);
  expect_call(operation::read_status);
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_rollback/triggered",
                                   "canary_rollback/success"));
}

TEST_F(canary_rollback, it_is_not_watched_any_more) {
  rolls_back();
  EXPECT_FALSE(is_watched(current));
  const auto before = current;
  happens(poll_answered{sample_for(judge::verdict::pass), 15min});
  EXPECT_EQ(current, before);
}

TEST_F(canary_rollback, every_attempt_after_the_first_begins_with_the_status) {
  rolls_back();
  answer(rollback_answered{lost_answer()});
  expect_call(operation::read_status, 500ms);
  expect_first_attempt(false);
  answer(status_is("active"));
  expect_call(operation::rollback);
  expect_first_attempt(false);
  answer(rollback_answered{lost_answer()});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_rollback, a_rollback_is_sent_even_where_the_status_cannot_be_read) {
  rolls_back();
  answer(rollback_answered{server_error()});
  answer(status_read{server_error()});
  expect_call(operation::rollback);
}

TEST_F(canary_rollback, it_never_gives_up_and_waits_a_minute_at_most) {
  at.random = 0.999;
  rolls_back();
  for (int i = 0; i < 1000; ++i) {
    answer(rollback_answered{server_error()});
    EXPECT_LE(current.next_call->not_before - at.now, 60s);
    answer(status_is("active"));
    expect_call(operation::rollback);
  }
}

TEST_F(canary_rollback, retry_after_is_believed_up_to_a_minute) {
  rolls_back();
  answer(rollback_answered{std::unexpected{problem(fault::try_again, 429, 5min)}});
  expect_call(operation::read_status, 60s);
}

TEST_F(canary_rollback, a_critical_line_is_told_every_time_the_wait_doubles) {
  rolls_back();
  std::vector<int> critical_at;
  for (int attempt = 1; attempt <= 20; ++attempt) {
    answer(rollback_answered{server_error()});
    if (told(severity::critical, "trying again"))
      critical_at.push_back(attempt);
    else
      EXPECT_TRUE(told(severity::warning, "trying again"));
    answer(status_is("active"));
  }
  EXPECT_THAT(critical_at, testing::ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(canary_rollback, an_accepted_rollback_that_has_no_effect_is_repeated) {
  rolls_back();
  answer(rollback_answered{});
  answer(status_is("active"));
  expect_state(canary_state::rolling_back);
  finds("active");
  expect_call(operation::rollback);
}

TEST_F(canary_rollback, a_rollback_whose_status_is_promoted_ends_promoted_with_a_critical_line) {
  rolls_back();
  answer(rollback_answered{lost_answer()});
  answer(status_is("promoted"));
  expect_end(canary_state::promoted_to_stable, reason::external_change);
  EXPECT_TRUE(told(severity::critical, "promoted"));
  EXPECT_EQ(records().back(), "canary_completed/success");
}

TEST_F(canary_rollback, a_rollback_that_is_refused_takes_the_traffic_away_and_goes_on) {
  rolls_back();
  answer(rollback_answered{refusal(403)});
  EXPECT_EQ(records().back(), "canary_rollback/failure");
  EXPECT_TRUE(told(severity::critical, "refused"));
  answer(status_is("active"));
  expect_call(operation::remove_traffic);
  answer(traffic_removed{});
  EXPECT_TRUE(told(severity::critical, "traffic was taken away"));
  finds("active");
  expect_call(operation::rollback);
  answer(rollback_answered{refusal(403)});
  answer(status_is("active"));
  finds("active");
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
  EXPECT_EQ(std::ranges::count(records(), "canary_rollback/failure"), 1);
}

TEST_F(canary_rollback, a_refused_rollback_that_was_not_needed_is_done) {
  rolls_back();
  answer(rollback_answered{refusal(409)});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_rollback, the_traffic_is_taken_away_even_where_the_status_cannot_be_read) {
  rolls_back();
  answer(rollback_answered{refusal(403)});
  answer(status_read{refusal(403)});
  expect_call(operation::remove_traffic);
}

TEST_F(canary_rollback, taking_the_traffic_away_is_tried_until_it_succeeds) {
  rolls_back();
  for (int i = 0; i < 5; ++i) {
    answer(rollback_answered{refusal(403)});
    answer(status_is("active"));
    expect_call(operation::remove_traffic);
    answer(traffic_removed{server_error()});
    finds("active");
    expect_call(operation::rollback);
  }
}

TEST_F(canary_rollback, a_deployment_that_is_gone_needs_two_look_ups_sixty_seconds_apart) {
  rolls_back();
  answer(rollback_answered{refusal(404)});
  expect_call(operation::look_up);
  answer(listed({deployed_as("another")}));
  expect_state(canary_state::rolling_back);
  expect_call(operation::look_up, 60s);
  answer(listed());
  expect_end(canary_state::rolled_back, reason::threshold_breach);
  EXPECT_TRUE(told(severity::warning, "gone"));
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_initiated/success", "canary_rollback/triggered",
                                   "canary_rollback/success"));
}

TEST_F(canary_rollback, a_failed_look_up_between_two_absences_does_not_count) {
  rolls_back();
  answer(rollback_answered{refusal(410)});
  answer(listed());
  answer(looked_up{server_error()});
  expect_state(canary_state::rolling_back);
  answer(status_read{refusal(410)});
  answer(listed());
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_rollback, a_deployment_that_shows_up_again_is_not_gone) {
  rolls_back();
  answer(rollback_answered{refusal(404)});
  answer(listed());
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::rolling_back);
  EXPECT_FALSE(std::get<phases::rolling_back>(current.phase).absent_since);
  EXPECT_EQ(records().back(), "canary_rollback/failure");
  expect_call(operation::remove_traffic);
}

TEST_F(canary_rollback, a_list_that_shows_how_it_ended_is_believed) {
  rolls_back();
  answer(rollback_answered{refusal(404)});
  answer(listed({deployed_as("dep-1", "rolled_back")}));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
}

TEST_F(canary_rollback, an_accepted_rollback_whose_status_may_not_be_read_is_looked_up) {
  rolls_back();
  answer(rollback_answered{});
  answer(status_read{refusal(403)});
  expect_call(operation::look_up);
  const auto looking = current;
  answer(listed({deployed_as("dep-1", "rolled_back")}));
  expect_end(canary_state::rolled_back, reason::threshold_breach);
  current = looking;
  answer(looked_up{refusal(403)});
  expect_end(canary_state::rolled_back, reason::threshold_breach);
  EXPECT_TRUE(told(severity::warning, "cannot be verified"));
}

TEST_F(canary_rollback, an_accepted_rollback_is_not_done_while_the_list_shows_it_live) {
  rolls_back();
  answer(rollback_answered{});
  answer(status_read{refusal(404)});
  answer(listed({deployed_as("dep-1")}));
  expect_state(canary_state::rolling_back);
  EXPECT_THAT(records(), testing::Not(testing::Contains("canary_rollback/failure")));
}

TEST_F(canary_rollback, a_status_that_is_not_there_does_not_keep_the_rollback_from_being_sent) {
  rolls_back();
  happens(resumed{});
  for (int i = 0; i < 5; ++i) {
    answer(status_read{refusal(404)});
    answer(listed({deployed_as("dep-1")}));
    expect_call(operation::rollback);
    answer(rollback_answered{server_error()});
    answer(status_read{refusal(404)});
    answer(looked_up{refusal(403)});
    expect_call(operation::rollback);
    answer(rollback_answered{server_error()});
  }
  EXPECT_THAT(records(), testing::Not(testing::Contains("canary_rollback/failure")));
}

TEST_F(canary_rollback, resumed_it_begins_with_the_status_before_anything_else) {
  rolls_back();
  happens(resumed{});
  expect_call(operation::read_status);
  expect_first_attempt(true);
  answer(status_is("active"));
  expect_call(operation::rollback);
  expect_first_attempt(true);
}

TEST_F(canary_rollback, an_abandoned_deployment_is_rolled_back_and_recorded) {
  current = make_abandoned("nightly", "u9", "dep-1", at.now);
  happens(resumed{});
  expect_state(canary_state::rolling_back);
  answer(status_is("active"));
  expect_call(operation::rollback);
  happens(resumed{});
  answer(status_is("active"));
  answer(rollback_answered{});
  answer(status_is("rolled_back"));
  expect_end(canary_state::rolled_back, reason::inconclusive);
  EXPECT_THAT(records(),
              testing::ElementsAre("canary_rollback/triggered", "canary_rollback/success"));
}

}  // namespace
}  // namespace canaryd::canary
