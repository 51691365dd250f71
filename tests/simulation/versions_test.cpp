// Jobs that another version of the program has stored are read if possible, and otherwise left
// alone (reference: "Stored rows").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"
#include <filesystem>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class versions : public testing::Test {
 protected:
  versions() {
    daemon.start();
    daemon.drop("job.json", simulated_daemon::job("1.0"));
    daemon.run_for(100s);
  }
  // Restarts with the state that another version of the program leaves.
  void restart_with(const char* sql) {
    daemon.stop();
    daemon.host().edit_state(sql);
    daemon.start();
  }
  void restart_unreadable(const std::string& change) {
    daemon.stop();
    daemon.host().hide_job("job", change);
    daemon.start();
  }
  void restart_readable() {
    daemon.stop();
    daemon.host().show_job();
    daemon.start();
  }
  sim::deployment_status deployed() { return daemon.world().deployments().front().status; }

  simulated_daemon daemon;
};

TEST_F(versions, a_key_that_this_one_does_not_know_is_kept_and_the_canary_goes_on) {
  restart_with(
      "UPDATE jobs SET spec = json_set(spec, '$.from_the_future', 1), "
      "canary = json_set(canary, '$.from_the_future', 1)");
  EXPECT_EQ(daemon.logged("critical"), 0U);
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(versions, a_bound_that_was_wider_does_not_end_a_canary) {
  restart_with(
      "UPDATE jobs SET spec = json_set(spec, '$.window_minutes', 100000, "
      "'$.failure_limit', 100000, '$.max_traffic_percentage', 0.5)");
  EXPECT_EQ(daemon.logged("critical"), 0U);
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(versions, an_unknown_source_or_verdict_of_the_newest_reading_does_not_end_a_canary) {
  for (const char* change : {"UPDATE jobs SET canary = json_set(canary, '$.newest.source', 'x')",
                             "UPDATE jobs SET canary = json_set(canary, '$.newest.outcome', 'x')"})
    restart_with(change);
  EXPECT_EQ(daemon.logged("critical"), 0U);
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

class unreadable : public versions, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(versions, unreadable,
                         testing::Values("canary = json_set(canary, '$.state', 'hibernating')",
                                         "canary = json_remove(canary, '$.state')",
                                         "canary = json_remove(canary, '$.hold.ends')",
                                         "spec = json_set(spec, '$.analysis.method', 'oracle')",
                                         "canary = '{}', spec = 'not JSON'"));

TEST_P(unreadable, a_canary_is_left_alone_and_goes_on_once_it_can_be_read) {
  restart_unreadable(GetParam());
  daemon.run_for(1h);
  EXPECT_EQ(deployed(), sim::deployment_status::active);
  EXPECT_EQ(daemon.world().count(sim::call::rollback), 0U);
  EXPECT_EQ(daemon.world().count(sim::call::promote), 0U);
  EXPECT_THAT(daemon.files_in("active"), ElementsAre("job.json"));
  EXPECT_THAT(daemon.files_in("rejected"), ElementsAre());
  EXPECT_EQ(daemon.logged("critical the stored state of a job cannot be read"), 1U);
  restart_readable();
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(versions, without_a_copy_in_active_nothing_is_different) {
  daemon.stop();
  fs::remove(daemon.folder("active") / "job.json");
  restart_unreadable("canary = '{}'");
  daemon.run_for(1h);
  EXPECT_EQ(deployed(), sim::deployment_status::active);
  EXPECT_THAT(daemon.files_in("active"), ElementsAre());
  restart_readable();
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(versions, an_unreadable_canary_keeps_its_bot_and_its_name_to_itself) {
  daemon.drop("waits.json", simulated_daemon::job("2.0"));
  restart_unreadable("canary = '{}'");
  daemon.drop("late.json", simulated_daemon::job("3.0"));
  daemon.drop("job.json", simulated_daemon::job("4.0"));
  daemon.drop("other.json", simulated_daemon::job("5.0", {{"bot_id", "another"}}));
  EXPECT_THAT(daemon.errors_of("job"), HasSubstr("job job of this name has not ended"));
  EXPECT_EQ(daemon.result_of("other").at("reason"), "passed");
  EXPECT_EQ(daemon.world().deployments().size(), 2U);
  for (const auto* job : {"waits", "late"})
    EXPECT_EQ(state_of(daemon.host().stored_job(job).canary), canary::canary_state::queued) << job;
  EXPECT_GE(daemon.logged("waiting for job job of the same bot, whose stored state cannot be read"),
            2U);
  restart_readable();
  for (const auto* job : {"job", "waits", "late"})
    EXPECT_EQ(daemon.result_of(job).at("reason"), "passed") << job;
}

TEST_F(versions, an_unreadable_canary_of_one_environment_leaves_the_others_alone) {
  daemon.settings().api().calls[platform::call::metrics].path =
      "/metrics/conversations?environmentId={environment_id}";
  restart_unreadable("canary = '{}'");
  daemon.drop("same.json", simulated_daemon::job("2.0"));
  daemon.drop("other.json", simulated_daemon::job("3.0", {{"environment_id", "env_b"}}));
  EXPECT_EQ(daemon.result_of("other").at("reason"), "passed");
  EXPECT_EQ(state_of(daemon.host().stored_job("same").canary), canary::canary_state::queued);
  restart_readable();
  EXPECT_EQ(daemon.result_of("same").at("reason"), "passed");
}

TEST_F(versions, a_copy_of_an_unreadable_canarys_file_is_no_forgotten_job) {
  daemon.stop();
  fs::copy_file(daemon.folder("active") / "job.json", daemon.folder("active") / "copy.json");
  // The state is now as if its deploy had not been answered yet.
  daemon.host().edit_state("DELETE FROM deployments");
  restart_unreadable("canary = '{}'");
  daemon.run_for(1h);
  EXPECT_EQ(deployed(), sim::deployment_status::active);
  EXPECT_EQ(daemon.world().count(sim::call::rollback), 0U);
  restart_readable();
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(versions, an_unreadable_canary_refuses_commands_with_the_reason) {
  restart_unreadable("canary = json_set(canary, '$.state', 'hibernating')");
  const auto outcome = daemon.host().command("job", {.what = canary::command_kind::abort});
  EXPECT_EQ(outcome.effect, canary::command_effect::refused);
  EXPECT_THAT(outcome.detail, HasSubstr("hibernating"));
  daemon.stop();
  EXPECT_EQ(daemon.logged("canary left as it is job=job"), 2U);
  daemon.start();
  restart_readable();
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(versions, an_unreadable_canary_is_counted_and_makes_the_daemon_not_ready) {
  restart_unreadable("canary = '{}'");
  EXPECT_EQ(daemon.host().status().checks.jobs_readable,
            "the stored state of a job cannot be read: job");
  EXPECT_FALSE(daemon.host().status().checks.is_ready());
  EXPECT_THAT(daemon.host().metrics_text(), HasSubstr("canaryd_jobs{state=\"unreadable\"} 1"));
  restart_readable();
  EXPECT_THAT(daemon.host().metrics_text(), HasSubstr("canaryd_jobs{state=\"unreadable\"} 0"));
  EXPECT_TRUE(daemon.host().status().checks.is_ready());
}

TEST_F(versions, an_unreadable_audit_record_stops_nothing_but_itself) {
  daemon.world().add_fault({.kind = sim::fault_kind::status, .calls = {sim::call::audit}});
  daemon.drop("bad.json", simulated_daemon::job("2.0-bad", {{"bot_id", "another"}}));
  EXPECT_EQ(daemon.result_of("bad").at("reason"), "threshold_breach");
  daemon.world().clear_faults();
  restart_with(
      "UPDATE deliveries SET payload = json_set(payload, '$.action', 'canary_teleported') "
      "WHERE order_key = 'bad' AND payload ->> 'action' = 'canary_initiated'");
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
  EXPECT_THAT(daemon.audits_of("bad"),
              ElementsAre("canary_rollback/triggered", "canary_rollback/success"));
  EXPECT_EQ(daemon.audits_of("job").back(), "canary_completed/success");
  EXPECT_EQ(daemon.logged("critical a stored audit record cannot be read"), 1U);
  EXPECT_EQ(daemon.host().status().checks.audit_readable,
            "a stored audit record cannot be read and is not delivered");
  EXPECT_FALSE(daemon.host().status().checks.is_ready());
  restart_with(
      "UPDATE deliveries SET payload = json_set(payload, '$.action', 'canary_initiated') "
      "WHERE payload ->> 'action' = 'canary_teleported'");
  daemon.run_for(1min);
  EXPECT_EQ(daemon.audits_of("bad").back(), "canary_initiated/success");
  EXPECT_TRUE(daemon.host().status().checks.is_ready());
}

TEST_F(versions, files_of_an_ended_job_that_cannot_be_read_are_left) {
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
  daemon.stop();
  fs::rename(daemon.folder("done") / "job.json", daemon.folder("active") / "job.json");
  daemon.host().edit_state("UPDATE jobs SET canary = '{}'");
  daemon.start();
  daemon.run_for(1min);
  EXPECT_THAT(daemon.files_in("active"), ElementsAre("job.json"));
  EXPECT_EQ(daemon.logged("critical the stored state of a job in active/ cannot be read"), 1U);
}

}  // namespace
}  // namespace canaryd::simulation
