// Deploying, promoting and rolling back on a project in memory.

#include "canaryd/platform/cognigy/cognigy_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/cognigy/driver_fixture.hpp"

namespace canaryd::platform::cognigy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using canary_on_cognigy = cognigy_test;

TEST_F(canary_on_cognigy, is_told_of_as_it_is) {
  const auto can = api.can();
  EXPECT_FALSE(can.needs_token);
  EXPECT_FALSE(can.registers_webhooks);
  EXPECT_FALSE(can.takes_audit_records);
  EXPECT_FALSE(can.can_revert);
  EXPECT_TRUE(can.lists_versions);
  EXPECT_TRUE(can.metrics_by_environment);
  EXPECT_EQ(api.terms().window_unit, 1s);
  EXPECT_EQ(time.await(api.list_webhooks(where)).error().kind, fault::refused);
  EXPECT_EQ(time.await(api.register_webhook(where, {}, "", "")).error().kind, fault::refused);
  EXPECT_EQ(time.await(api.audit(where, {.record_id = "r", .timestamp = {}})).error().kind,
            fault::refused);
}

TEST_F(canary_on_cognigy, has_a_version_where_the_project_has_one_snapshot_of_it) {
  EXPECT_EQ(time.await(api.version_is_listed(where)).value(), true);
  where.version = new_snapshot;
  EXPECT_EQ(time.await(api.version_is_listed(where)).value(), true);
  where.version = "3.0";
  EXPECT_EQ(time.await(api.version_is_listed(where)).value(), false);
  project.snapshots.push_back({stable_id, "2.0"});
  where.version = "2.0";
  EXPECT_EQ(time.await(api.version_is_listed(where)).error().kind, fault::refused);
}

TEST_F(canary_on_cognigy, asks_for_its_project_first_and_once) {
  project.trouble = [](const net::request&) { return 500; };
  const auto failed = time.await(api.version_is_listed(where));
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().text, HasSubstr("check the key or the URL"));
  EXPECT_EQ(failed.error().kind, fault::try_again);
  project.trouble = {};
  EXPECT_TRUE(time.await(api.version_is_listed(where)));
  EXPECT_TRUE(time.await(api.version_is_listed(where)));
  EXPECT_EQ(transport.requests.size(), 1U + 2U + 1U);
}

TEST_F(canary_on_cognigy, is_deployed_by_pointing_its_endpoint_before_it_gets_its_share) {
  stable().flow_id = "f2";
  basis_points share_at_patch = -1;
  project.trouble = [&](const net::request& message) {
    if (message.method == "PATCH")
      share_at_patch = share();
    return 0;
  };
  EXPECT_EQ(deploy().value_or("none"), id);
  EXPECT_EQ(canary().entrypoint, new_snapshot);
  EXPECT_EQ(canary().flow_id, "f2");
  EXPECT_EQ(stable().entrypoint, old_snapshot);
  EXPECT_EQ(share(), 500);
  EXPECT_EQ(share_at_patch, 0);
  EXPECT_EQ(status()->status, "active");
  EXPECT_EQ(status()->canary_percent, 5.0);
}

TEST_F(canary_on_cognigy, may_be_deployed_again_where_the_answer_was_lost) {
  ASSERT_TRUE(deploy());
  EXPECT_EQ(deploy().value_or("none"), id);
  start_anew();
  EXPECT_EQ(deploy().value_or("none"), id);
  EXPECT_EQ(share(), 500);
  EXPECT_EQ(count("PATCH"), 1U);
  // Whatever would be refused before a canary: this one is there, and has to be watched.
  canary().active = false;
  EXPECT_EQ(deploy().value_or("none"), id);
  job.steps[0].canary_percent = 6.0;
  EXPECT_EQ(deploy().error().kind, fault::refused);
}

TEST_F(canary_on_cognigy, is_not_deployed_where_a_yes_changed_nothing) {
  project.ignores_patches = true;
  EXPECT_EQ(deploy().error().kind, fault::malformed);
  EXPECT_THAT(splits.changes, IsEmpty());
  project.ignores_patches = false;
  splits.ignores_changes = true;
  const auto failed = deploy();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, fault::malformed);
  EXPECT_THAT(failed.error().text, HasSubstr("it said yes and changed nothing"));
}

TEST_F(canary_on_cognigy, is_not_deployed_by_a_splitter_that_does_not_answer) {
  splits.trouble = {.kind = fault::unreachable, .text = "no such socket"};
  EXPECT_EQ(deploy().error().kind, fault::unreachable);
  EXPECT_TRUE(transport.requests.empty());
}

TEST_F(canary_on_cognigy, is_found_as_long_as_it_has_a_share) {
  EXPECT_THAT(time.await(api.find_deployments(where, priority::deploy))->items, IsEmpty());
  EXPECT_TRUE(transport.requests.empty());
  ASSERT_TRUE(deploy());
  const canary::deployment found{.id = id,
                                 .version = "2.0",
                                 .status = "active",
                                 .canary_percent = 5.0,
                                 .bot_id = "orders",
                                 .environment_id = "prod",
                                 .created_at = {}};
  EXPECT_THAT(time.await(api.find_deployments(where, priority::deploy))->items, ElementsAre(found));
}

TEST_F(canary_on_cognigy, is_found_by_the_version_that_its_job_names) {
  where.version = new_snapshot;
  ASSERT_TRUE(deploy());
  const auto version = [this] {
    return time.await(api.find_deployments(where, priority::deploy))->items.at(0).version;
  };
  EXPECT_EQ(version(), new_snapshot);
  where.version = "1.0";
  EXPECT_EQ(version(), "2.0");
  project.snapshots.clear();
  EXPECT_EQ(version(), new_snapshot);
}

TEST_F(canary_on_cognigy, is_rolled_back_where_somebody_else_took_share_or_snapshot_away) {
  ASSERT_TRUE(deploy());
  splits.shares["orders"] = 0;
  EXPECT_EQ(status()->status, "rolled_back");
  splits.shares["orders"] = 700;
  EXPECT_EQ(status()->canary_percent, 7.0);
  canary().entrypoint = old_snapshot;
  EXPECT_EQ(status()->status, "rolled_back");
}

TEST_F(canary_on_cognigy, is_still_active_where_a_restart_of_the_splitter_lost_its_share) {
  ASSERT_TRUE(deploy());
  splits.restart();
  EXPECT_EQ(status()->status, "active");
  EXPECT_EQ(status()->canary_percent, 0.0);
  ASSERT_TRUE(roll_back());
  EXPECT_EQ(status()->status, "rolled_back");
}

TEST_F(canary_on_cognigy, gets_more_traffic_from_the_splitter_alone) {
  ASSERT_TRUE(deploy());
  black_hole();
  const auto before = transport.requests.size();
  EXPECT_TRUE(time.await(api.change_traffic(where, id, 25.0, "k", priority::change)));
  EXPECT_EQ(share(), 2500);
  EXPECT_FALSE(time.await(api.change_traffic(where, id, 101.0, "k", priority::change)));
  EXPECT_FALSE(time.await(api.change_traffic(where, "d-1", 25.0, "k", priority::change)));
  EXPECT_TRUE(time.await(api.change_traffic(where, id, 0.0, "k", priority::change)));
  EXPECT_EQ(share(), 0);
  EXPECT_EQ(transport.requests.size(), before);
}

TEST_F(canary_on_cognigy, is_promoted_before_its_share_is_taken_away) {
  ASSERT_TRUE(deploy());
  basis_points share_at_patch = -1;
  project.trouble = [&](const net::request& message) {
    if (message.method == "PATCH")
      share_at_patch = share();
    return 0;
  };
  EXPECT_TRUE(promote());
  EXPECT_EQ(share_at_patch, 500);
  EXPECT_EQ(stable().entrypoint, new_snapshot);
  EXPECT_EQ(share(), 0);
  EXPECT_EQ(status()->status, "promoted");
  EXPECT_TRUE(promote());
  EXPECT_EQ(count("PATCH"), 2U);
}

TEST_F(canary_on_cognigy, is_not_promoted_where_a_yes_changed_nothing) {
  ASSERT_TRUE(deploy());
  project.ignores_patches = true;
  EXPECT_EQ(promote().error().kind, fault::malformed);
  EXPECT_EQ(share(), 500);
  EXPECT_EQ(status()->status, "active");
}

TEST_F(canary_on_cognigy, is_not_promoted_where_somebody_else_changed_an_endpoint) {
  ASSERT_TRUE(deploy());
  stable().entrypoint = project_id;
  const auto refused = promote();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, fault::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("somebody else has changed it"));
  stable().entrypoint = old_snapshot;
  canary().entrypoint = old_snapshot;
  EXPECT_EQ(promote().error().kind, fault::refused);
  EXPECT_EQ(stable().entrypoint, old_snapshot);
}

TEST_F(canary_on_cognigy, that_was_half_promoted_is_promoted_and_has_no_share_left) {
  ASSERT_TRUE(deploy());
  splits.ignores_changes = true;
  EXPECT_FALSE(promote());
  EXPECT_EQ(stable().entrypoint, new_snapshot);
  EXPECT_EQ(share(), 500);
  splits.ignores_changes = false;
  start_anew();
  EXPECT_EQ(status()->status, "promoted");
  EXPECT_EQ(share(), 0);
}

TEST_F(canary_on_cognigy, that_is_promoted_leaves_another_ones_share_alone) {
  ASSERT_TRUE(deploy());
  ASSERT_TRUE(promote());
  canary().entrypoint = old_snapshot;
  splits.shares["orders"] = 700;
  EXPECT_EQ(status()->status, "promoted");
  EXPECT_EQ(share(), 700);
}

TEST_F(canary_on_cognigy, is_rolled_back_by_the_splitter_before_its_endpoint_is_pointed_back) {
  ASSERT_TRUE(deploy());
  transport.reply_to = [this](const net::request& message) {
    auto slow = project.reply(message);
    slow.after = 1s;
    return slow;
  };
  int sent = 0;
  const auto begun = async::clock::now();
  EXPECT_TRUE(time.await(
      api.rollback(where, id, "hard_limit", {}, "k", priority::rollback, [&] { ++sent; })));
  EXPECT_EQ(async::clock::now(), begun);
  EXPECT_EQ(sent, 1);
  EXPECT_EQ(share(), 0);
  EXPECT_EQ(canary().entrypoint, new_snapshot);
  time.run_for(10s);
  EXPECT_EQ(canary().entrypoint, old_snapshot);
  EXPECT_EQ(status()->status, "rolled_back");
}

TEST_F(canary_on_cognigy, is_rolled_back_whatever_the_api_and_the_budget_do) {
  ASSERT_TRUE(deploy());
  black_hole();
  budget.report_throttled(async::clock::now(), 1h);
  const auto begun = async::clock::now();
  EXPECT_TRUE(roll_back());
  EXPECT_EQ(async::clock::now(), begun);
  EXPECT_EQ(share(), 0);
  time.run_for(1h);
  ASSERT_EQ(oddities.size(), 1U);
  EXPECT_THAT(oddities[0], HasSubstr("the canary endpoint is not pointed back"));
  EXPECT_TRUE(roll_back());
}

TEST_F(canary_on_cognigy, is_rolled_back_by_another_process_and_whatever_its_id_is) {
  ASSERT_TRUE(deploy());
  start_anew();
  EXPECT_TRUE(time.await(api.rollback(where, "d-1", "", {}, "k", priority::rollback, {})));
  EXPECT_EQ(share(), 0);
}

TEST_F(canary_on_cognigy, is_not_rolled_back_where_the_splitter_does_not_do_it) {
  ASSERT_TRUE(deploy());
  splits.ignores_changes = true;
  EXPECT_EQ(roll_back().error().kind, fault::malformed);
  splits.trouble = {.kind = fault::lost, .text = "no answer in time"};
  EXPECT_EQ(roll_back().error().kind, fault::lost);
  splits.trouble.reset();
  splits.shares.clear();
  EXPECT_EQ(roll_back().error().kind, fault::refused);
}

TEST_F(canary_on_cognigy, whose_snapshot_is_stable_by_now_is_not_pointed_back) {
  ASSERT_TRUE(deploy());
  stable().entrypoint = new_snapshot;
  EXPECT_TRUE(roll_back());
  time.run_for(1s);
  EXPECT_EQ(canary().entrypoint, new_snapshot);
  EXPECT_EQ(stable().entrypoint, new_snapshot);
}

TEST_F(canary_on_cognigy, is_not_deployed_while_its_endpoint_is_being_pointed_back) {
  ASSERT_TRUE(deploy());
  transport.reply_to = [this](const net::request& message) {
    auto slow = project.reply(message);
    slow.after = 2s;
    return slow;
  };
  ASSERT_TRUE(roll_back());
  ASSERT_TRUE(deploy());
  EXPECT_EQ(canary().entrypoint, new_snapshot);
  time.run_for(1min);
  EXPECT_EQ(canary().entrypoint, new_snapshot);
  EXPECT_EQ(count("PATCH"), 3U);
}

TEST_F(canary_on_cognigy, is_checked_without_a_change) {
  const auto findings = [this] {
    std::vector<std::string> texts;
    for (const auto& each : time.await(api.find_out()))
      texts.push_back(each.what + ": " + (each.outcome ? "ok" : each.outcome.error().text));
    return texts;
  };
  EXPECT_THAT(
      findings(),
      ElementsAre("project of bot orders in prod: ok", "endpoints of bot orders in prod: ok",
                  "share of bot orders in prod: ok", "backends of bot orders in prod: ok"));
  EXPECT_TRUE(time.await(api.check()));
  canary().active = false;
  splits.shares.clear();
  splits.backends.clear();
  project.trouble = [](const net::request& message) {
    return message.target.target.contains("/projects/") ? 500 : 0;
  };
  EXPECT_THAT(findings(), ElementsAre(HasSubstr("check the key"), HasSubstr("is not active"),
                                      HasSubstr("entry not found"), HasSubstr("no such backend")));
  EXPECT_THAT(time.await(api.check()).error().text, HasSubstr("; share of bot orders in prod: "));
  EXPECT_EQ(count("PATCH"), 0U);
}

TEST_F(canary_on_cognigy, takes_new_settings_for_what_comes_next) {
  auto changed = make_settings();
  changed.api_key = text::secret{std::string_view{"other"}};
  changed.request_timeout = 5s;
  api.reconfigure(changed);
  EXPECT_EQ(api.terms().request_timeout, 5s);
  ASSERT_TRUE(deploy());
  EXPECT_EQ(header_of(transport.requests.back().message, "X-API-Key"), "other");
  changed.bots.clear();
  api.reconfigure(changed);
  EXPECT_EQ(status().error().kind, fault::refused);
}

}  // namespace
}  // namespace canaryd::platform::cognigy
