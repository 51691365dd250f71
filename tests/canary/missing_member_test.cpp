// What a stored canary cannot do without.
#include "canaryd/canary/missing_member.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/full_canary.hpp"
#include <functional>
#include <initializer_list>
#include <string>

namespace canaryd::canary {
namespace {

using support::full_canary;
using support::full_job;

struct missing {
  canary_state state;
  const char* what;
  std::function<void(rows::canary&)> take;
};

std::string missing_in(const rows::canary& row) {
  const auto stored = from_row(row);
  if (!stored)
    return stored.error().text;
  return missing_member(full_job(), *stored).value_or("");
}

rows::canary stored_in(canary_state state) {
  auto row = support::full_row(state);
  row.ends_as.reset();
  return row;
}

TEST(missing_member, names_the_member_without_which_a_canary_cannot_go_on) {
  EXPECT_EQ(missing_member(full_job(), full_canary()), std::nullopt);
  using enum canary_state;
  for (const auto& [state, what, take] : std::initializer_list<missing>{
           {queued, "job_id", [](rows::canary& from) { from.job_id.clear(); }},
           {queued, "uid", [](rows::canary& from) { from.uid.clear(); }},
           {observing, "hold.since", [](rows::canary& from) { from.hold.since = {}; }},
           {observing, "hold.ends", [](rows::canary& from) { from.hold.ends = {}; }},
           {observing, "hold.next_due", [](rows::canary& from) { from.hold.next_due = {}; }},
           {observing, "hold.counted_from",
            [](rows::canary& from) { from.hold.counted_from = {}; }},
           {observing, "gathered", [](rows::canary& from) { from.gathered.reset(); }},
           {observing, "records_made", [](rows::canary& from) { from.records_made = 0; }},
           {observing, "readings", [](rows::canary& from) { from.readings = {}; }},
           {observing, "deployment_id", [](rows::canary& from) { from.deployment_id.clear(); }},
           {paused, "hold.paused_since",
            [](rows::canary& from) { from.hold.paused_since.reset(); }},
           {waiting_approval, "hold.paused_since",
            [](rows::canary& from) { from.hold.paused_since.reset(); }},
           {promoting, "hold.next_due", [](rows::canary& from) { from.hold.next_due = {}; }},
           {promoting, "why", [](rows::canary& from) { from.why.reset(); }},
           {rolling_back, "why", [](rows::canary& from) { from.why.reset(); }},
           {rolled_back, "why", [](rows::canary& from) { from.why.reset(); }}}) {
    auto stored = stored_in(state);
    EXPECT_EQ(missing_in(stored), "");
    take(stored);
    EXPECT_THAT(missing_in(stored), testing::EndsWith(what));
  }
}

TEST(missing_member, needs_no_hold_before_the_deploy_and_no_deployment_where_only_others_are_left) {
  auto stored = make_canary("a", "uid", full_job());
  EXPECT_EQ(missing_member(full_job(), stored), std::nullopt);
  stored.phase = phases::deploying{};
  EXPECT_EQ(missing_member(full_job(), stored), std::nullopt);
  stored.phase = phases::clearing_up{{canary_state::failed, reason::deploy_refused, {}}};
  EXPECT_EQ(missing_member(full_job(), stored), std::nullopt);
}

TEST(missing_member, an_outcome_that_stands_has_surplus_deployments_and_is_an_end) {
  auto stored = support::full_row(canary_state::rolling_back);
  EXPECT_EQ(missing_in(stored), "");
  auto other = stored;
  other.ends_as = canary_state::observing;
  EXPECT_THAT(missing_in(other), testing::HasSubstr("/ends_as: found observing"));
  stored.surplus_deployments.clear();
  EXPECT_THAT(missing_in(stored), testing::HasSubstr("no surplus_deployments"));
}

}  // namespace
}  // namespace canaryd::canary
