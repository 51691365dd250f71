// A canary as a row that both this program and the former one read.
#include "canaryd/canary/canary_row.hpp"

#include <gmock/gmock.h>

#include "canary_harness.hpp"
#include "support/full_canary.hpp"

namespace canaryd::canary {
namespace {

using support::full_row;

TEST(canary_row, a_canary_in_any_phase_reads_back) {
  for (const auto& full : support::every_full_canary()) {
    const auto read = from_row(to_row(full));
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(*read, full);
  }
}

// The purpose of a call in a row of the former program, which did not store it.
std::optional<purpose> purpose_in(canary_state state, operation what, bool changes_traffic = true) {
  auto row = full_row(state);
  row.ends_as.reset();
  row.traffic.under_way = changes_traffic;
  row.next_call->what = what;
  const auto read = from_row(row).value();
  if (!read.next_call)
    return std::nullopt;
  return read.next_call->what_for;
}

TEST(canary_row, the_state_tells_what_a_call_is_made_for) {
  using enum canary_state;
  using enum operation;
  EXPECT_EQ(purpose_in(queued, look_up), purpose::look_up_before_deploy);
  EXPECT_EQ(purpose_in(deploying, look_up), purpose::look_up_lost_deploy);
  EXPECT_EQ(purpose_in(rolling_back, look_up), purpose::look_up_rolled_back);
  EXPECT_EQ(purpose_in(observing, read_status), purpose::status_of_traffic);
  EXPECT_EQ(purpose_in(paused, read_status, false), purpose::status_for_external_change);
  EXPECT_EQ(purpose_in(promoting, read_status), purpose::status_of_promote);
  EXPECT_EQ(purpose_in(rolling_back, read_status), purpose::status_of_rollback);
  EXPECT_EQ(purpose_in(promoting, read_surplus), purpose::status_of_accepted_surplus);
}

TEST(canary_row, a_call_that_nobody_makes_in_that_state_is_forgotten) {
  EXPECT_EQ(purpose_in(canary_state::queued, operation::promote), std::nullopt);
  EXPECT_EQ(purpose_in(canary_state::deploying, operation::rollback), std::nullopt);
  EXPECT_EQ(purpose_in(canary_state::observing, operation::change_traffic, false), std::nullopt);
}

TEST(canary_row, what_its_state_has_no_use_for_is_as_it_began) {
  const auto row = to_row(support::full_canary(canary_state::promoting));
  EXPECT_EQ(row.deploy, rows::deploy{});
  EXPECT_EQ(row.traffic, rows::traffic{});
  EXPECT_EQ(row.rollback, rows::rollback{.settles_at = full_row().rollback.settles_at});
  EXPECT_EQ(row.hold.paused_since, std::nullopt);
  EXPECT_EQ(row.ends_as, std::nullopt);
}

class canary_clearing_up : public canary_test {};

TEST_F(canary_clearing_up, with_nothing_left_ends_as_it_is_resumed) {
  deploys();
  current.next_call.reset();
  current.phase = phases::clearing_up{
      {.as = canary_state::rolled_back, .why = reason::external_change, .verified = true}};
  expect_state(canary_state::rolling_back);
  happens(resumed{});
  expect_end(canary_state::rolled_back, reason::external_change);
  EXPECT_EQ(is_verified(current), true);
}

TEST_F(canary_clearing_up, keeps_the_outcome_that_stands) {
  deploys_three_times();
  happens(resumed{});
  answer(status_is("promoted"));
  expect_state(canary_state::rolling_back);
  EXPECT_EQ(why_of(current), reason::external_change);
  answer(surplus_answered{});
  EXPECT_EQ(current.next_call->what_for, purpose::status_of_accepted_surplus);
  EXPECT_EQ(current.next_call->deployment_id, "dep-2");
  answer(surplus_read{refusal(403)});
  EXPECT_EQ(current.next_call->deployment_id, "dep-3");
  answer(surplus_answered{refusal(404)});
  expect_end(canary_state::promoted_to_stable, reason::external_change);
}

class canary_calls : public canary_test {};

TEST_F(canary_calls, carry_what_they_need) {
  spec.steps.push_back({.canary_percent = 20.0, .hold = 60s});
  deploys();
  reads_hold_ending_with(judge::verdict::pass);
  ASSERT_TRUE(current.next_call);
  EXPECT_EQ(current.next_call->what_for, purpose::change_traffic);
  EXPECT_EQ(current.next_call->share, 20.0);
  EXPECT_EQ(current.next_call->deployment_id, "dep-1");
  EXPECT_EQ(current.next_call->key, "u1-traffic-dep-1-2");
  answer(traffic_changed{server_error()});
  EXPECT_EQ(current.next_call->what_for, purpose::status_of_traffic);
  EXPECT_EQ(current.next_call->key, "");
}

}  // namespace
}  // namespace canaryd::canary
