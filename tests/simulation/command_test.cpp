// Operators' commands to the whole daemon.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include "simulated_daemon.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using canary::command_effect;
using canary::command_kind;
using testing::ElementsAre;
using testing::HasSubstr;

class operators_command : public testing::Test {
 protected:
  void SetUp() override {
    daemon.start();
    daemon.drop("job.json", simulated_daemon::job("1.0"));
    daemon.run_for(1min);
  }

  canary::command_outcome give(const std::string& job_id, command_kind what) {
    return daemon.host().command(job_id, {.what = what, .actor = "operator(1000)"});
  }

  simulated_daemon daemon;
};

TEST_F(operators_command, is_answered_when_it_is_on_disk) {
  EXPECT_EQ(give("job", command_kind::pause).effect, command_effect::done);
  EXPECT_EQ(state_of(daemon.host().stored_job("job").canary), canary::canary_state::paused);
  daemon.crash();
  daemon.start();
  EXPECT_EQ(give("job", command_kind::pause).effect, command_effect::already);
  EXPECT_EQ(give("job", command_kind::resume).effect, command_effect::done);
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
  EXPECT_THAT(daemon.audits_of("job"),
              ElementsAre("canary_initiated/success", "canary_paused/success",
                          "canary_resumed/success", "canary_completed/success"));
}

TEST_F(operators_command, to_a_job_that_is_not_there_says_so) {
  EXPECT_EQ(give("other", command_kind::abort).effect, command_effect::unknown_job);
}

TEST_F(operators_command, aborts_a_job_that_waits_its_turn_and_lets_the_next_one_pass) {
  daemon.drop("second.json", simulated_daemon::job("2.0"));
  daemon.drop("third.json", simulated_daemon::job("3.0"));
  daemon.run_for(10s);
  const auto outcome = give("second", command_kind::abort);
  EXPECT_EQ(outcome.effect, command_effect::done);
  EXPECT_EQ(outcome.state, canary::canary_state::failed);
  EXPECT_EQ(daemon.result_of("second").at("reason"), "operator_abort");
  EXPECT_EQ(daemon.result_of("job").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.result_of("third").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.world().deployments().size(), 2U);
}

TEST_F(operators_command, rolls_back_although_the_disk_fails_and_says_that_it_is_not_written) {
  daemon.host().fail_disk(SQLITE_FULL);
  EXPECT_EQ(give("job", command_kind::abort).effect, command_effect::not_written);
  daemon.run_for(2s);
  EXPECT_EQ(daemon.world().deployments().front().status, sim::deployment_status::rolled_back);
  EXPECT_EQ(give("job", command_kind::abort).effect, command_effect::already);
  daemon.host().fail_disk(SQLITE_OK);
  EXPECT_EQ(daemon.result_of("job").at("reason"), "operator_abort");
}

TEST_F(operators_command, does_not_trust_a_reading_from_before_the_machine_slept) {
  daemon.drop("gated.json",
              simulated_daemon::job("2.0", {{"bot_id", "bot_gated"}, {"approve_promotion", true}}));
  daemon.run_for(10min);
  ASSERT_EQ(state_of(daemon.host().stored_job("gated").canary),
            canary::canary_state::waiting_approval);
  const auto readings = canary::total(daemon.host().stored_job("gated").canary.readings);
  daemon.host().suspend(2h);
  EXPECT_EQ(give("gated", command_kind::promote).effect, command_effect::refused);
  EXPECT_EQ(give("gated", command_kind::approve).effect, command_effect::done);
  EXPECT_EQ(daemon.result_of("gated").at("reason"), "passed");
  EXPECT_GT(canary::total(daemon.host().stored_job("gated").canary.readings), readings);
  EXPECT_EQ(daemon.logged("was not watched for"), 1U);
}

TEST_F(operators_command, names_the_operator_in_every_record_of_the_decision) {
  EXPECT_EQ(give("job", command_kind::promote).effect, command_effect::done);
  EXPECT_EQ(daemon.result_of("job").at("reason"), "operator_promote");
  EXPECT_THAT(daemon.world().audits().back().body, HasSubstr("\"actor\":\"operator(1000)\""));
}

}  // namespace
}  // namespace canaryd::simulation
