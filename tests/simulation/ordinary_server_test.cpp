// The answers of ordinary servers: ids, lists, pages, and promotes that are only accepted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace json = boost::json;
using sim::call;
using sim::fault_kind;

class ordinary_server : public testing::Test {
 protected:
  simulated_daemon& start(sim::world_options played) {
    daemon.emplace(1, std::move(played));
    daemon->start();
    daemon->drop("job.json", simulated_daemon::job("2.1.0"));
    return *daemon;
  }
  std::string readiness() { return daemon->host().readiness().deploys_known; }

  std::optional<simulated_daemon> daemon;
};

sim::world_options losing_the_deploy() {
  sim::world_options options;
  options.faults = {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}};
  options.api.honour_idempotency = false;
  return options;
}

TEST_F(ordinary_server, may_have_numbers_as_ids) {
  for (auto options : {sim::world_options{}, losing_the_deploy()}) {
    options.api.traffic.numeric_ids = true;
    start(options);
    EXPECT_EQ(daemon->result_of("job").at("status"), "promoted_to_stable");
    EXPECT_EQ(daemon->result_of("job").at("deployment_id"), "9007199254740993");
    EXPECT_EQ(daemon->world().deployments().size(), 1U);
  }
}

TEST_F(ordinary_server, may_write_lists_in_many_ways) {
  using enum sim::empty_shape;
  for (const auto empty : {null, null_items, no_body, no_content}) {
    for (const auto lists : {sim::list_shape::items, sim::list_shape::bare}) {
      auto options = losing_the_deploy();
      options.api.shapes = {.lists = lists, .empty_lists = empty};
      start(options);
      EXPECT_EQ(daemon->result_of("job").at("status"), "promoted_to_stable");
      EXPECT_EQ(daemon->world().deployments().size(), 1U);
    }
  }
}

TEST_F(ordinary_server, may_list_what_cannot_be_read_which_is_told_once) {
  auto options = losing_the_deploy();
  options.api.shapes.odd_items = true;
  start(options);
  EXPECT_EQ(daemon->result_of("job").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon->world().deployments().size(), 1U);
  EXPECT_EQ(daemon->logged("are passed over"), 1U);
}

TEST_F(ordinary_server, may_list_a_lost_deploy_on_any_page) {
  for (const auto pages : {sim::page_shape::url, sim::page_shape::cursor, sim::page_shape::link}) {
    auto options = losing_the_deploy();
    options.api.shapes = {.page_size = 2, .pages = pages};
    daemon.emplace(1, options);
    for (const auto* version : {"0.1", "0.2", "0.3", "0.4", "0.5"}) {
      const auto id = daemon->world().external_deploy("bot_abc123", "env_prod_456", version, 5.0,
                                                      daemon->now());
      (void)daemon->world().external_rollback(id, daemon->now());
    }
    daemon->start();
    daemon->drop("job.json", simulated_daemon::job("2.1.0"));
    EXPECT_EQ(daemon->result_of("job").at("deployment_id"), "dep-6");
    EXPECT_EQ(daemon->world().deployments().size(), 6U);
  }
}

TEST_F(ordinary_server, may_do_what_a_promote_asks_later) {
  sim::world_options options;
  options.api.promote_delay = 12s;
  start(options);
  const auto result = daemon->result_of("job");
  EXPECT_EQ(result.at("status"), "promoted_to_stable");
  EXPECT_EQ(result.at("verified"), true);
}

TEST_F(ordinary_server, may_never_do_what_a_promote_asks_which_is_not_called_promoted_plainly) {
  sim::world_options options;
  options.api.promote_delay = duration::max();
  start(options);
  const auto result = daemon->result_of("job");
  EXPECT_EQ(result.at("status"), "promoted_to_stable");
  EXPECT_EQ(result.at("verified"), false);
  EXPECT_THAT(daemon->host().stored_job("job").canary.detail, HasSubstr("not verified"));
  EXPECT_THAT(daemon->log_text(),
              HasSubstr("warning deployment dep-1 is taken as promoted, not verified"));
  EXPECT_THAT(daemon->log_text(), HasSubstr("warning canary ended, not verified"));
  EXPECT_EQ(daemon->world().count(call::promote), 1U);
}

TEST_F(ordinary_server, a_deploy_that_cannot_be_looked_up_is_critical_and_not_ready) {
  auto options = losing_the_deploy();
  options.faults.front().delay = 20s;
  start(options);
  while (daemon->world().deployments().empty())
    daemon->run_for(100ms);
  const auto lost_at = daemon->now().now - daemon->world().start();
  daemon->world().add_fault({.kind = fault_kind::html,
                             .calls = {call::find_deployments},
                             .from = lost_at,
                             .until = lost_at + 9min + 30s});
  EXPECT_EQ(readiness(), "");
  daemon->run_for(9min);
  EXPECT_GE(daemon->logged("critical a deploy may be live"), 2U);
  EXPECT_THAT(readiness(), HasSubstr("job"));
  EXPECT_EQ(daemon->result_of("job").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon->world().deployments().size(), 1U);
  EXPECT_EQ(readiness(), "");
}

}  // namespace
}  // namespace canaryd::simulation
