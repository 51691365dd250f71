// Two platforms in one daemon, over two simulated APIs.
#include "canaryd/sim/memory_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class two_platforms : public testing::Test {
 protected:
  two_platforms() { daemon.host().add_platform("eu", way); }
  ~two_platforms() override { daemon.stop(); }

  void drop(const std::string& name, std::string_view platform,
            std::string_view bot = "bot_abc123") {
    daemon.drop(name + ".json",
                simulated_daemon::job("1.0-" + name, {{"platform", platform}, {"bot_id", bot}}));
  }
  std::int64_t readings_of(const std::string& job_id) {
    return canary::total(daemon.host().stored_job(job_id).canary.readings);
  }
  std::string status_of(const std::string& job_id) {
    return std::string{daemon.result_of(job_id).at("status").as_string()};
  }

  simulated_daemon daemon;
  // Of the second platform, from the time of the daemon's own clock on.
  sim::world eu{{}, async::clock::now()};
  sim::memory_transport way{eu};
};

TEST_F(two_platforms, jobs_of_the_same_bot_on_two_platforms_run_side_by_side) {
  daemon.start();
  drop("here", "default");
  drop("there", "eu");
  daemon.run_for(100s);
  EXPECT_GT(readings_of("here"), 0);
  EXPECT_GT(readings_of("there"), 0);
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
  EXPECT_EQ(eu.deployments().size(), 1U);
  EXPECT_EQ(daemon.host().stored_job("there").base_url, "https://eu.test/api/v1");
  EXPECT_EQ(status_of("here"), "promoted_to_stable");
  EXPECT_EQ(status_of("there"), "promoted_to_stable");
  // Each platform's records are its own.
  EXPECT_FALSE(daemon.audits_of("here").empty());
  EXPECT_TRUE(daemon.audits_of("there").empty());
  EXPECT_FALSE(eu.audits().empty());
}

TEST_F(two_platforms, a_second_job_of_a_bot_waits_on_its_platform) {
  daemon.start();
  drop("first", "eu");
  drop("second", "eu");
  daemon.run_for(100s);
  EXPECT_GT(readings_of("first"), 0);
  EXPECT_EQ(readings_of("second"), 0);
  EXPECT_EQ(status_of("second"), "promoted_to_stable");
}

TEST_F(two_platforms, a_forgotten_canary_is_rolled_back_on_the_platform_that_the_defaults_named) {
  daemon.settings().defaults = {{"platform", "eu"}};
  daemon.start();
  daemon.drop("there.json", simulated_daemon::job("1.0"));
  daemon.run_for(2min);
  ASSERT_EQ(eu.deployments().size(), 1U);
  daemon.stop();
  daemon.forget();
  daemon.start();
  daemon.run_for(1min);
  EXPECT_EQ(eu.deployments().front().status, sim::deployment_status::rolled_back);
}

TEST_F(two_platforms, an_outage_of_one_platform_slows_no_other) {
  daemon.start();
  drop("here", "default");
  drop("there", "eu");
  daemon.run_for(100s);
  way.cut();
  const auto before = readings_of("here");
  daemon.run_for(120s);
  EXPECT_EQ(readings_of("here"), before + 4);
  const auto status = daemon.host().status();
  EXPECT_THAT(status.api, HasSubstr("default: API ok, eu: API failing"));
  EXPECT_EQ(status_of("here"), "promoted_to_stable");
  // Its records do not wait behind those of the other one.
  EXPECT_EQ(daemon.audits_of("here").back(), "canary_completed/success");
  way.mend();
  EXPECT_TRUE(daemon.result_of("there").contains("status"));
}

TEST_F(two_platforms, a_429_of_one_platform_slows_no_other) {
  daemon.start();
  drop("here", "default");
  drop("there", "eu");
  daemon.run_for(40s);
  eu.add_fault({.kind = sim::fault_kind::rate_limited, .retry_after = 50s});
  daemon.run_for(60s);
  const auto all = daemon.host().status().platforms;
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].first, "default");
  EXPECT_EQ(all[1].first, "eu");
  EXPECT_LT(all[1].second.requests_per_second, all[0].second.requests_per_second);
  EXPECT_EQ(readings_of("here"), 3);
  eu.clear_faults();
  EXPECT_EQ(status_of("here"), "promoted_to_stable");
  EXPECT_EQ(status_of("there"), "promoted_to_stable");
}

TEST_F(two_platforms, a_job_without_platform_is_refused_where_there_are_two) {
  daemon.start();
  daemon.drop("nowhere.json", simulated_daemon::job("1.0"));
  EXPECT_THAT(daemon.errors_of("nowhere"), HasSubstr("required if there are several platforms"));
  drop("elsewhere", "us");
  EXPECT_THAT(daemon.errors_of("elsewhere"), HasSubstr("there is no platform us"));
}

TEST_F(two_platforms, a_job_of_before_belongs_to_the_first_one) {
  const auto second = daemon.settings().platforms.extract("eu");
  daemon.settings().platforms.erase("eu");
  daemon.start();
  daemon.drop("old.json", simulated_daemon::job("1.0"));
  daemon.run_for(100s);
  daemon.stop();
  daemon.settings().platforms.emplace("eu", second.mapped());
  daemon.start();
  EXPECT_EQ(status_of("old"), "promoted_to_stable");
  EXPECT_TRUE(eu.deployments().empty());
}

TEST_F(two_platforms, a_platform_can_be_added_but_not_removed_while_it_has_a_job) {
  auto second = daemon.settings().platforms.extract("eu");
  daemon.start();
  const auto name = second.key();
  daemon.settings().platforms.insert(std::move(second));
  ASSERT_TRUE(daemon.host().reload());
  drop("there", name);
  daemon.run_for(100s);
  EXPECT_GT(readings_of("there"), 0);
  auto removed = daemon.settings().platforms.extract("eu");
  const auto refused = daemon.host().reload();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("platforms.eu cannot be removed"));
  EXPECT_EQ(status_of("there"), "promoted_to_stable");
  EXPECT_TRUE(daemon.host().reload());
}

TEST_F(two_platforms, a_job_whose_platform_is_gone_is_watched_again_once_it_is_back) {
  daemon.start();
  drop("there", "eu");
  daemon.run_for(100s);
  daemon.stop();
  auto second = daemon.settings().platforms.extract("eu");
  daemon.start();
  daemon.run_for(60s);
  EXPECT_EQ(daemon.logged("a job's platform is not configured"), 1U);
  EXPECT_FALSE(daemon.has_result("there"));
  daemon.settings().platforms.insert(std::move(second));
  ASSERT_TRUE(daemon.host().reload());
  EXPECT_EQ(status_of("there"), "promoted_to_stable");
}

TEST_F(two_platforms, records_of_a_platform_that_is_gone_wait_until_it_is_back) {
  daemon.start();
  drop("there", "eu");
  daemon.run_for(100s);
  const auto arrived = eu.audits().size();
  way.cut();
  for (const auto what : {canary::command_kind::pause, canary::command_kind::resume})
    EXPECT_EQ(daemon.host().command("there", {.what = what, .actor = "operator(1000)"}).effect,
              canary::command_effect::done);
  daemon.stop();
  way.mend();
  auto second = daemon.settings().platforms.extract("eu");
  daemon.start();
  daemon.run_for(20s);
  EXPECT_EQ(daemon.logged("audit records wait for a platform that is not configured"), 1U);
  EXPECT_EQ(eu.audits().size(), arrived);
  daemon.settings().platforms.insert(std::move(second));
  ASSERT_TRUE(daemon.host().reload());
  EXPECT_EQ(status_of("there"), "promoted_to_stable");
  daemon.run_for(10s);
  EXPECT_GE(eu.audits().size(), arrived + 3);
}

TEST_F(two_platforms, results_and_log_lines_name_the_platform) {
  daemon.start();
  drop("here", "default");
  drop("there", "eu");
  EXPECT_EQ(daemon.result_of("here").at("platform"), "default");
  EXPECT_EQ(daemon.result_of("there").at("platform"), "eu");
  EXPECT_EQ(daemon.logged("canary ended job=there platform=eu"), 1U);
  EXPECT_EQ(daemon.logged("canary ended job=here bot="), 1U);
}

}  // namespace
}  // namespace canaryd::simulation
