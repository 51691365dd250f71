// Trouble with the machine: a failing disk, a clock that jumps, files that disappear
// (reference: "Full disk", "Time", "Folders").
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "simulated_daemon.hpp"
#include <filesystem>
#include <fstream>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;
namespace json = boost::json;

class trouble : public testing::Test {
 protected:
  void disk_fails() {
    daemon.host().seen().allow_lateness(10s);
    daemon.host().fail_disk(SQLITE_FULL);
  }
  void disk_works() { daemon.host().fail_disk(SQLITE_OK); }
  sim::deployment_status deployed() { return daemon.world().deployments().front().status; }

  simulated_daemon daemon;
};

class failing_disk : public trouble {};

TEST_F(failing_disk, a_breach_is_rolled_back_and_recorded_later) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("1.0-bad"));
  daemon.run_for(20s);
  disk_fails();
  daemon.run_for(15s);
  EXPECT_EQ(deployed(), sim::deployment_status::rolled_back);
  EXPECT_EQ(daemon.logged("critical the state cannot be written"), 1U);
  EXPECT_THAT(daemon.log_text(), HasSubstr("critical audit record not on disk yet"));
  EXPECT_THAT(daemon.audits_of("bad"), ElementsAre("canary_initiated/success"));
  EXPECT_FALSE(daemon.has_result("bad"));
  disk_works();
  EXPECT_EQ(daemon.result_of("bad").at("reason"), "threshold_breach");
  EXPECT_EQ(daemon.logged("the state is written again"), 1U);
  EXPECT_THAT(daemon.audits_of("bad"),
              ElementsAre("canary_initiated/success", "canary_rollback/triggered",
                          "canary_rollback/success"));
}

TEST_F(failing_disk, a_stop_says_what_is_not_on_disk) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("1.0-bad"));
  daemon.run_for(20s);
  disk_fails();
  daemon.run_for(15s);
  ASSERT_EQ(deployed(), sim::deployment_status::rolled_back);
  daemon.stop();
  EXPECT_EQ(daemon.logged("critical canary ended, and its end is not on disk"), 1U);
  for (const auto* record :
       {"action=canary_rollback status=triggered", "action=canary_rollback status=success"})
    EXPECT_EQ(daemon.logged(record), 1U) << record;
  disk_works();
  daemon.start();
  EXPECT_EQ(daemon.result_of("bad").at("status"), "rolled_back");
}

TEST_F(failing_disk, a_hold_that_ends_is_read_on_and_decided_when_the_disk_is_back) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("1.0"));
  daemon.run_for(4min);
  disk_fails();
  daemon.run_for(1h);
  EXPECT_EQ(deployed(), sim::deployment_status::active);
  EXPECT_EQ(daemon.world().count(sim::call::promote), 0U);
  disk_works();
  const auto result = daemon.result_of("good");
  EXPECT_EQ(result.at("reason"), "passed");
  EXPECT_GT(result.at("readings").at("pass").to_number<int>(), 120);
}

TEST_F(failing_disk, nothing_of_max_extension_is_used_up) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::missing_metric, .calls = {sim::call::metrics}});
  daemon.start();
  daemon.drop("blank.json", simulated_daemon::job("1.0", {{"max_extension", "1m"}}));
  daemon.run_for(4min);
  disk_fails();
  daemon.run_for(1h);
  EXPECT_EQ(deployed(), sim::deployment_status::active);
  disk_works();
  daemon.run_for(40s);
  EXPECT_EQ(deployed(), sim::deployment_status::active);
  EXPECT_EQ(daemon.result_of("blank").at("reason"), "inconclusive");
}

TEST_F(failing_disk, new_files_are_held_back_and_taken_afterwards) {
  daemon.start();
  disk_fails();
  daemon.drop("one.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  EXPECT_THAT(daemon.files_in("incoming"), ElementsAre("one.json"));
  EXPECT_EQ(daemon.logged("critical job file not taken, trying again"), 1U);
  disk_works();
  EXPECT_EQ(daemon.result_of("one").at("status"), "promoted_to_stable");
}

TEST_F(failing_disk, a_promote_waits_for_its_intention_to_be_on_disk) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("1.0"));
  // This is just before the last reading.
  daemon.run_for(5min);
  daemon.host().fail_disk(SQLITE_IOERR);
  daemon.run_for(20s);
  EXPECT_EQ(daemon.world().count(sim::call::promote), 0U);
  disk_works();
  EXPECT_EQ(daemon.result_of("good").at("reason"), "passed");
}

TEST_F(failing_disk, a_result_that_cannot_be_written_is_written_later) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  fs::remove_all(daemon.folder("done"));
  std::ofstream{daemon.folder("done")} << "in the way";
  daemon.run_for(10min);
  EXPECT_EQ(deployed(), sim::deployment_status::promoted);
  EXPECT_EQ(daemon.logged("critical result not written, trying again"), 1U);
  fs::remove(daemon.folder("done"));
  EXPECT_EQ(daemon.result_of("good").at("reason"), "passed");
  EXPECT_THAT(daemon.files_in("active"), ElementsAre());
}

TEST_F(failing_disk, the_daemon_can_be_stopped_while_a_result_cannot_be_written) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  fs::remove_all(daemon.folder("done"));
  std::ofstream{daemon.folder("done")} << "in the way";
  daemon.run_for(10min);
  daemon.stop();
  fs::remove(daemon.folder("done"));
  daemon.start();
  EXPECT_EQ(daemon.result_of("good").at("reason"), "passed");
}

class odd_clock : public trouble {};

TEST_F(odd_clock, a_step_of_the_wall_clock_changes_no_deadline) {
  for (const auto by : {6h, -6h}) {
    SCOPED_TRACE(by.count());
    const auto name = by > 0h ? std::string{"ahead"} : std::string{"back"};
    if (!daemon.host().is_up())
      daemon.start();
    daemon.drop(name + ".json", simulated_daemon::job(name));
    daemon.run_for(2min);
    daemon.time().clock().step_wall(by);
    daemon.run_for(2min);
    EXPECT_FALSE(daemon.has_result(name));
    daemon.run_for(90s);
    EXPECT_TRUE(daemon.has_result(name));
    EXPECT_EQ(daemon.result_of(name).at("readings").at("pass"), 10);
  }
}

TEST_F(odd_clock, a_step_while_the_daemon_is_down_changes_no_deadline) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("1.0"));
  daemon.run_for(2min);
  daemon.crash();
  daemon.time().clock().step_wall(5h);
  daemon.start();
  daemon.run_for(2min);
  EXPECT_FALSE(daemon.has_result("job"));
  EXPECT_EQ(daemon.result_of("job").at("readings").at("pass"), 10);
}

TEST_F(odd_clock, a_suspended_machine_takes_one_reading_and_asks_for_a_token_in_time) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("1.0", {{"validation_duration", "5h"}}));
  daemon.run_for(2min);
  const auto polls = daemon.world().count(sim::call::metrics);
  daemon.host().suspend(4h);
  daemon.run_for(30s);
  EXPECT_LE(daemon.world().count(sim::call::metrics), polls + 2);
  EXPECT_EQ(daemon.logged("warning the canary was not watched for"), 1U);
  EXPECT_EQ(daemon.result_of("job").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.world().violation_count(), 0U);
}

class after_a_crash : public trouble {};

TEST_F(after_a_crash, a_missing_copy_is_made_again) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  daemon.crash();
  fs::remove(daemon.folder("active") / "job.json");
  daemon.start();
  EXPECT_THAT(daemon.files_in("active"), ElementsAre("job.json"));
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(after_a_crash, overdue_readings_are_spread_over_one_interval) {
  daemon.start();
  for (int i = 0; i < 30; ++i)
    daemon.drop("job" + std::to_string(i) + ".json",
                simulated_daemon::job("1.0", {{"bot_id", "bot" + std::to_string(i)}}));
  daemon.run_for(1min);
  daemon.crash();
  daemon.run_for(2min);
  daemon.start();
  const auto before = daemon.world().count(sim::call::metrics);
  daemon.run_for(15s);
  const auto half = daemon.world().count(sim::call::metrics) - before;
  EXPECT_GT(half, 5U);
  EXPECT_LT(half, 25U);
  daemon.run_for(20s);
  EXPECT_GE(daemon.world().count(sim::call::metrics) - before, 30U);
}

TEST_F(after_a_crash, a_due_rollback_is_sent_before_anything_else) {
  daemon.world().add_fault({.kind = sim::fault_kind::status, .calls = {sim::call::rollback}});
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("1.0-bad"));
  for (int i = 0; i < 20; ++i)
    daemon.drop("job" + std::to_string(i) + ".json",
                simulated_daemon::job("1.0", {{"bot_id", "bot" + std::to_string(i)}}));
  daemon.run_for(1min);
  daemon.crash();
  daemon.run_for(5min);
  daemon.start();
  daemon.run_for(5s);
  std::vector<sim::call> calls;
  for (const auto& request : daemon.world().requests()) {
    if (daemon.now().now - request.at < 6s)
      calls.push_back(request.what);
  }
  ASSERT_GE(calls.size(), 3U);
  EXPECT_EQ(calls[0], sim::call::token);
  // It first finds out whether the rollback before the crash was carried out.
  EXPECT_EQ(calls[1], sim::call::get_deployment);
  EXPECT_EQ(calls[2], sim::call::rollback);
}

TEST_F(after_a_crash, a_loss_of_power_may_undo_a_mere_reading_and_nothing_else) {
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("1.0"));
  daemon.run_for(100s);
  daemon.crash(loss::power);
  daemon.start();
  const auto result = daemon.result_of("job");
  EXPECT_EQ(result.at("reason"), "passed");
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
  EXPECT_THAT(daemon.audits_of("job"),
              ElementsAre("canary_initiated/success", "canary_completed/success"));
}

}  // namespace
}  // namespace canaryd::simulation
