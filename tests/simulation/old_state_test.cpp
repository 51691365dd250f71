// The daemon reads the state of a former program, with jobs in every state, and continues the jobs
// (reference: "Stored rows"). The tests check only what anybody outside can see, so that they do
// not depend on how a canary is stored.
#include "old_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "invariants.hpp"
#include "simulated_daemon.hpp"
#include <fstream>
#include <map>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* folder = CANARYD_SOURCE_DIR "/tests/simulation/old_state";
constexpr const char* just_ended = "ended_and_not_told";

// A repeated write happens twice, and a promote is done some time after it was accepted.
sim::world_options former_world() {
  sim::world_options made;
  made.api.honour_idempotency = false;
  made.api.promote_delay = 8s;
  made.answer_delay = 50ms;
  made.requests_kept = 1'000'000;
  return made;
}

class old_state_test : public testing::Test {
 protected:
  // The former daemon was killed five seconds ago.
  void start() {
    former.bring_about(daemon.host());
    daemon.settings().api().rate_limit = {.requests = 1'000'000, .per = 1s};
    // Nobody here has seen what the former daemon counted.
    daemon.host().seen().excuse_evidence();
    fs::create_directories(daemon.folder("active"));
    std::ofstream{daemon.folder("active") / (std::string{just_ended} + ".json")} << "{}";
    daemon.run_for(5s);
    started_at = daemon.now().now;
    daemon.start();
  }
  void start_with(std::vector<sim::fault> faults) {
    for (auto& each : faults)
      daemon.world().add_fault(std::move(each));
    start();
  }
  // Runs until `time` after the start.
  void run_to(duration time) { daemon.host().run_until(started_at + time); }

  json::object view(const std::string& job) {
    return json::parse(daemon.host().ask_control("/v1/jobs/" + job)).as_object();
  }
  std::string state_of(const std::string& job) {
    return std::string{view(job).at("state").as_string()};
  }
  std::string outcome_of(const std::string& job) {
    const auto result = daemon.result_of(job);
    return std::string{result.at("status").as_string()} + "/" +
           std::string{result.at("reason").as_string()};
  }
  std::int64_t readings_of(const std::string& job, std::string_view verdict) {
    return daemon.result_of(job).at("readings").at(verdict).to_number<std::int64_t>();
  }
  void order(const std::string& job, canary::command_kind what) { daemon.host().order(job, what); }

  std::size_t live_or_ended(const std::string& job) const {
    return static_cast<std::size_t>(std::ranges::count(daemon.world().deployments(), "bot_" + job,
                                                       &sim::deployment_record::bot_id));
  }
  // The number of calls for that job's deployments since the start.
  std::size_t calls(const std::string& job, call what) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(daemon.world().requests(), [&](const sim::logged_request& each) {
          return each.at > started_at && each.what == what && each.bot_id == "bot_" + job;
        }));
  }

  old_state former{folder};
  simulated_daemon daemon{7, former_world()};
  instant started_at;
};

std::string wanted_outcome(const std::string& job) {
  static const std::map<std::string, std::string> others{
      {"deploying_refused_after_a_lost_one", "failed/deploy_refused"},
      {"deploying_to_be_aborted", "rolled_back/operator_abort"},
      {"observing_a_refused_traffic_change", "rolled_back/step_refused"},
      {"observing_one_breach_of_three", "rolled_back/threshold_breach"},
      {"observing_two_breaches_of_three_of_a_metric", "rolled_back/threshold_breach"},
      {"paused_after_a_breach", "rolled_back/threshold_breach"},
      {"paused_too_long", "rolled_back/gate_timeout"},
      {"promoted_but_for_a_surplus", "promoted_to_stable/external_change"},
      {"promoting_by_an_operator", "promoted_to_stable/operator_promote"},
      {"promoting_proven_early", "promoted_to_stable/proven_early"},
      {"promoting_refused", "rolled_back/promote_refused"},
      {"promoting_without_data", "promoted_to_stable/inconclusive"},
      {"rolled_back_but_for_a_surplus", "rolled_back/external_change"},
      {"rolling_back_a_dead_provider", "rolled_back/provider_unavailable"},
      {"rolling_back_a_refused_promote", "rolled_back/promote_refused"},
      {"rolling_back_a_refused_step", "rolled_back/step_refused"},
      {"rolling_back_and_settling", "rolled_back/operator_abort"},
      {"rolling_back_at_a_gate", "rolled_back/gate_timeout"},
      {"rolling_back_beside_a_surplus", "rolled_back/operator_abort"},
      {"rolling_back_for_a_hard_limit", "rolled_back/hard_limit"},
      {"rolling_back_inconclusive", "rolled_back/inconclusive"},
      {"rolling_back_what_is_gone", "rolled_back/operator_abort"},
      {"waiting_after_proof", "promoted_to_stable/proven_early"}};
  if (const auto found = others.find(job); found != others.end())
    return found->second;
  return job.starts_with("rolling_back") ? "rolled_back/threshold_breach"
                                         : "promoted_to_stable/passed";
}

TEST_F(old_state_test, every_job_is_found_in_the_state_that_it_was_left_in) {
  start();
  EXPECT_THAT(daemon.host().metrics_text(), HasSubstr("canaryd_jobs{state=\"unreadable\"} 0"));
  for (const auto& [job, was] : former.jobs())
    EXPECT_EQ(state_of(job), was.state) << job;
}

TEST_F(old_state_test, every_job_goes_on_and_ends_as_it_should) {
  start();
  daemon.run_for(10min);
  // Only an operator can settle this deployment.
  for (const auto& deployed : daemon.world().deployments()) {
    if (deployed.bot_id == "bot_queued_beside_an_unknown_deployment")
      (void)daemon.world().external_rollback(deployed.id, daemon.now());
  }
  for (int gates = 0; gates < 3; ++gates) {
    for (const auto& [job, was] : former.jobs()) {
      if (const auto state = state_of(job); state == "paused")
        order(job, canary::command_kind::resume);
      else if (state == "waiting_approval")
        order(job, canary::command_kind::approve);
    }
    daemon.run_for(10min);
  }
  ASSERT_TRUE(daemon.host().is_idle()) << daemon.host().unfinished_business();
  for (const auto& [job, outcome] : outcomes_of(daemon.host()))
    EXPECT_EQ(outcome, wanted_outcome(job)) << job;
  // The API has forgotten this deployment, so only the records say how it ended.
  EXPECT_THAT(broken_rules({}, daemon.host(), daemon.log_text()),
              ElementsAre("rolling_back_what_is_gone (rolled_back/operator_abort): was rolled back "
                          "and never deployed"));
}

TEST_F(old_state_test, none_is_deployed_twice) {
  // For a while the daemon cannot find out whether the deploy has arrived, so it may not repeat it.
  start_with({{.kind = fault_kind::status,
               .bot = "bot_deploying_lost",
               .calls = {call::find_deployments},
               .until = 15min,
               .status = 403}});
  run_to(8min);
  EXPECT_EQ(state_of("deploying_lost"), "deploying");
  EXPECT_EQ(outcome_of("deploying_lost"), "promoted_to_stable/passed");
  for (const auto& [job, was] : former.jobs()) {
    // Of the two jobs in one lane, the second is deployed.
    if (!was.has_ended && was.state != "queued" && was.state != "deploying" &&
        job != "first_in_the_lane")
      EXPECT_EQ(calls(job, call::deploy), 0U) << job;
  }
  for (const auto* sent : {"deploying_not_answered", "deploying_lost", "deploying_without_an_id",
                           "deploying_that_cannot_be_looked_up", "deploying_given_up_looking",
                           "deploying_named_after_a_lost_one", "deploying_not_sent"})
    EXPECT_EQ(live_or_ended(sent), 1U) << sent;
}

TEST_F(old_state_test, breaches_that_were_counted_still_count) {
  start();
  for (const auto* one :
       {"observing_one_breach_of_three", "observing_two_breaches_of_three_of_a_metric"}) {
    EXPECT_EQ(outcome_of(one), "rolled_back/threshold_breach");
    EXPECT_EQ(readings_of(one, "breach"), 3) << one;
  }
}

TEST_F(old_state_test, readings_without_data_and_failed_polls_still_count) {
  start_with({{.kind = fault_kind::missing_metric,
               .bot = "bot_observing_without_data",
               .calls = {call::metrics}},
              {.kind = fault_kind::status,
               .bot = "bot_observing_a_failing_provider",
               .calls = {call::metrics}}});
  EXPECT_EQ(outcome_of("observing_without_data"), "rolled_back/inconclusive");
  EXPECT_EQ(readings_of("observing_without_data", "no_data"), 3);
  EXPECT_EQ(outcome_of("observing_a_failing_provider"), "rolled_back/provider_unavailable");
  EXPECT_EQ(readings_of("observing_a_failing_provider", "provider_error"), 10);
}

TEST_F(old_state_test, a_canary_paused_by_the_former_program_stays_paused) {
  start();
  const auto left = view("paused").at("hold_remaining_s").to_number<double>();
  EXPECT_GT(left, 20.0);
  run_to(1h);
  EXPECT_EQ(state_of("paused"), "paused");
  EXPECT_EQ(view("paused").at("hold_remaining_s").to_number<double>(), left);
  order("paused", canary::command_kind::resume);
  daemon.run_for(15s);
  EXPECT_EQ(state_of("paused"), "observing");
  daemon.run_for(1min);
  EXPECT_EQ(outcome_of("paused"), "promoted_to_stable/passed");
}

TEST_F(old_state_test, a_pause_that_began_before_ends_no_later) {
  start();
  run_to(50s);
  EXPECT_EQ(state_of("paused_too_long"), "paused");
  run_to(70s);
  EXPECT_EQ(outcome_of("paused_too_long"), "rolled_back/gate_timeout");
}

TEST_F(old_state_test, a_gate_that_was_approved_opens_and_another_stays_shut) {
  start();
  run_to(1h);
  EXPECT_EQ(outcome_of("waiting_approved"), "promoted_to_stable/passed");
  EXPECT_EQ(view("waiting_approved_for_a_step").at("step"), 2);
  for (const auto* shut : {"waiting_for_approval_of_a_step", "waiting_for_approval_of_the_promote",
                           "waiting_after_proof"})
    EXPECT_EQ(state_of(shut), "waiting_approval") << shut;
}

TEST_F(old_state_test, a_canary_that_nobody_watched_is_not_promoted_by_what_was_read_before) {
  start();
  const auto told = daemon.host().command("observing_after_nobody_looked",
                                          {.what = canary::command_kind::promote});
  EXPECT_EQ(told.effect, canary::command_effect::refused);
  EXPECT_THAT(told.detail, HasSubstr("unwatched"));
}

TEST_F(old_state_test, what_was_accepted_is_not_sent_again) {
  start();
  run_to(5min);
  for (const auto* job : {"promoting_accepted", "promoting_accepted_with_other_words",
                          "promoting_accepted_and_not_readable"})
    EXPECT_EQ(calls(job, call::promote), 0U) << job;
  EXPECT_EQ(calls("rolling_back_accepted", call::rollback), 0U);
  for (const auto* job : {"observing_changing_traffic", "observing_a_lost_traffic_change"})
    EXPECT_EQ(calls(job, call::change_traffic), 1U) << job << ": the third share alone";
}

TEST_F(old_state_test, what_has_been_told_once_is_not_told_again) {
  start_with({{.kind = fault_kind::status,
               .bot = "bot_rolling_back_without_traffic",
               .calls = {call::rollback},
               .until = 10min,
               .status = 422},
              {.kind = fault_kind::missing_metric,
               .bot = "bot_observing_in_an_extended_hold",
               .calls = {call::metrics},
               .until = 6min}});
  run_to(20min);
  const auto told = [&](const char* job, const char* what) {
    return std::ranges::count(daemon.audits_of(job), what);
  };
  EXPECT_EQ(told("rolling_back_without_traffic", "canary_rollback/failure"), 1);
  EXPECT_EQ(calls("rolling_back_without_traffic", call::change_traffic), 0U);
  EXPECT_EQ(told("observing_in_an_extended_hold", "canary_extended/success"), 1);
}

TEST_F(old_state_test, a_rollback_waits_as_long_as_it_would_have) {
  start();
  run_to(20s);
  EXPECT_FALSE(daemon.has_result("rolling_back_after_a_lost_promote"));
  EXPECT_FALSE(daemon.has_result("rolling_back_what_is_gone"));
  run_to(28s);
  EXPECT_TRUE(daemon.has_result("rolling_back_after_a_lost_promote"));
  run_to(58s);
  EXPECT_TRUE(daemon.has_result("rolling_back_what_is_gone"));
}

TEST_F(old_state_test, who_has_decided_is_remembered) {
  start();
  run_to(5min);
  for (const auto* job : {"promoting_by_an_operator", "rolling_back_beside_a_surplus"})
    EXPECT_EQ(view(job).at("detail"), "by operator(1000)") << job;
}

TEST_F(old_state_test, jobs_that_have_ended_stay_as_they_are_and_their_records_go_out) {
  start();
  run_to(1min);
  EXPECT_TRUE(daemon.has_result(just_ended));
  EXPECT_THAT(daemon.audits_of("ended_rolled_back"),
              ElementsAre("canary_initiated/success", "canary_rollback/triggered",
                          "canary_rollback/success"));
  EXPECT_THAT(daemon.audits_of("ended_with_refused_records"), ElementsAre());
  for (const auto& [job, was] : former.jobs()) {
    if (was.has_ended)
      EXPECT_EQ(view(job).at("reason").as_string(), was.reason) << job;
  }
}

}  // namespace
}  // namespace canaryd::simulation
