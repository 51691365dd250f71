// What a stored canary cannot do without.
#include "canaryd/canary/missing_member.hpp"

#include <gtest/gtest.h>

#include "support/full_canary.hpp"
#include <functional>
#include <initializer_list>

namespace canaryd::canary {
namespace {

using support::full_canary;
using support::full_job;

struct missing {
  canary_state state;
  const char* what;
  std::function<void(canary&)> take;
};

TEST(missing_member, names_the_member_without_which_a_canary_cannot_go_on) {
  EXPECT_EQ(missing_member(full_job(), full_canary()), std::nullopt);
  using enum canary_state;
  for (const auto& [state, what, take] : std::initializer_list<missing>{
           {queued, "job_id", [](canary& from) { from.job_id.clear(); }},
           {queued, "uid", [](canary& from) { from.uid.clear(); }},
           {observing, "hold.since", [](canary& from) { from.hold.since = {}; }},
           {observing, "hold.ends", [](canary& from) { from.hold.ends = {}; }},
           {observing, "hold.next_due", [](canary& from) { from.hold.next_due = {}; }},
           {observing, "hold.counted_from", [](canary& from) { from.hold.counted_from = {}; }},
           {observing, "gathered", [](canary& from) { from.gathered.reset(); }},
           {observing, "records_made", [](canary& from) { from.records_made = 0; }},
           {observing, "readings", [](canary& from) { from.readings = {}; }},
           {observing, "deployment_id", [](canary& from) { from.deployment_id.clear(); }},
           {paused, "hold.paused_since", [](canary& from) { from.hold.paused_since.reset(); }},
           {waiting_approval, "hold.paused_since",
            [](canary& from) { from.hold.paused_since.reset(); }},
           {promoting, "hold.next_due", [](canary& from) { from.hold.next_due = {}; }},
           {promoting, "why", [](canary& from) { from.why.reset(); }},
           {rolling_back, "why", [](canary& from) { from.why.reset(); }},
           {rolled_back, "why", [](canary& from) { from.why.reset(); }}}) {
    auto stored = full_canary();
    stored.state = state;
    EXPECT_EQ(missing_member(full_job(), stored), std::nullopt);
    take(stored);
    EXPECT_EQ(missing_member(full_job(), stored), what);
  }
}

TEST(missing_member, needs_no_hold_before_the_deploy_and_no_deployment_where_only_others_are_left) {
  auto stored = make_canary("a", "uid", full_job());
  EXPECT_EQ(missing_member(full_job(), stored), std::nullopt);
  stored.state = canary_state::deploying;
  EXPECT_EQ(missing_member(full_job(), stored), std::nullopt);
  stored.state = canary_state::rolling_back;
  stored.why = reason::deploy_refused;
  stored.ends_as = canary_state::failed;
  EXPECT_EQ(missing_member(full_job(), stored), std::nullopt);
}

}  // namespace
}  // namespace canaryd::canary
