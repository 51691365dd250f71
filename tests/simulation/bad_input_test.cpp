// Nothing that an operator or the API sends stops the daemon or makes a canary look healthy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace json = boost::json;

class bad_file : public testing::Test {
 protected:
  bad_file() { daemon.start(); }

  // A good job must still be taken and promoted after any bad file.
  ~bad_file() override {
    daemon.drop("after.json", simulated_daemon::job("2.1.0", {{"bot_id", "bot_after"}}));
    EXPECT_EQ(daemon.result_of("after").at("status"), "promoted_to_stable");
  }

  simulated_daemon daemon;
};

TEST_F(bad_file, an_empty_file_is_rejected) {
  daemon.drop_text("empty.json", "");
  EXPECT_THAT(daemon.errors_of("empty"), HasSubstr("\"message\""));
}

TEST_F(bad_file, a_cut_file_is_rejected_with_the_place) {
  const auto whole = json::serialize(simulated_daemon::job("2.1.0"));
  daemon.drop_text("cut.json", whole.substr(0, whole.size() / 2));
  EXPECT_THAT(daemon.errors_of("cut"), HasSubstr("not valid JSON"));
}

TEST_F(bad_file, binary_is_rejected) {
  daemon.drop_text("binary.json", std::string{"\x00\xff\xfe{\x01", 5});
  EXPECT_NE(daemon.errors_of("binary"), "");
}

TEST_F(bad_file, a_hundred_thousand_levels_are_rejected) {
  daemon.drop_text("deep.json", std::string(100'000, '['));
  EXPECT_NE(daemon.errors_of("deep"), "");
}

TEST_F(bad_file, an_oversized_file_is_rejected) {
  daemon.drop_text("large.json", std::string(300 * 1024, ' '));
  EXPECT_THAT(daemon.errors_of("large"), HasSubstr("262144"));
}

TEST_F(bad_file, every_problem_is_reported_at_once_with_its_pointer) {
  daemon.drop(
      "wrong.json",
      simulated_daemon::job(
          "../../etc", {{"versoin", "1"},
                        {"failure_limit", "three"},
                        {"traffic_matrix", json::object{{"stable", 0.95}, {"canary", 0.05}}}}));
  const auto errors = daemon.errors_of("wrong");
  EXPECT_THAT(errors, HasSubstr("\"/version\""));
  EXPECT_THAT(errors, HasSubstr("\"/failure_limit\""));
  EXPECT_THAT(errors, HasSubstr("\"/versoin\""));
  EXPECT_THAT(errors, HasSubstr("percent"));
}

TEST_F(bad_file, steps_that_do_not_rise_are_rejected_with_their_place) {
  daemon.drop("steps.json", simulated_daemon::job(
                                "2.1.0", {{"steps", json::array{json::object{{"canary", 5.0}},
                                                                json::object{{"canary", 5.0}}}}}));
  EXPECT_THAT(daemon.errors_of("steps"), HasSubstr("\"/steps/1/canary\""));
}

TEST_F(bad_file, a_second_rejection_of_a_name_gets_a_number) {
  daemon.drop_text("x.json", "[");
  daemon.drop_text("x.json", "{");
  daemon.run_for(5s);
  EXPECT_THAT(daemon.files_in("rejected"),
              ElementsAre("x.2.error.json", "x.2.json", "x.error.json", "x.json"));
}

TEST_F(bad_file, names_outside_the_pattern_are_rejected) {
  for (const auto* name :
       {"x.txt", "a b.json", "-x.json", "x.result.json", "x.error.json", "x.2.json", "\xff.json"})
    daemon.drop(name, simulated_daemon::job("2.1.0"));
  daemon.run_for(5s);
  EXPECT_THAT(daemon.files_in("incoming"), ElementsAre());
  EXPECT_EQ(daemon.files_in("rejected").size(), 14U);
  EXPECT_TRUE(daemon.world().deployments().empty());
}

TEST_F(bad_file, links_fifos_and_folders_are_left_and_warned_of_once) {
  const auto incoming = daemon.folder("incoming");
  const auto target = daemon.folder("") / "target.json";
  std::ofstream{target} << json::serialize(simulated_daemon::job("2.1.0"));
  fs::create_symlink(target, incoming / ".link");
  fs::rename(incoming / ".link", incoming / "link.json");
  ASSERT_EQ(::mkfifo((incoming / ".fifo").c_str(), 0600), 0);
  fs::rename(incoming / ".fifo", incoming / "fifo.json");
  fs::create_directory(incoming / ".folder");
  fs::rename(incoming / ".folder", incoming / "folder.json");
  daemon.run_for(1h);
  EXPECT_THAT(daemon.files_in("incoming"), ElementsAre("fifo.json", "folder.json", "link.json"));
  EXPECT_EQ(daemon.logged("file in incoming/ left where it is"), 3U);
}

TEST_F(bad_file, files_still_being_written_are_left_until_renamed) {
  for (const auto* name : {".x.json", "x.json.tmp", "x.json.part", "x.json~"})
    daemon.drop(name, simulated_daemon::job("2.1.0"));
  daemon.run_for(1min);
  EXPECT_EQ(daemon.files_in("incoming").size(), 4U);
  EXPECT_TRUE(daemon.world().deployments().empty());
  fs::rename(daemon.folder("incoming") / "x.json.part", daemon.folder("incoming") / "x.json");
  EXPECT_EQ(daemon.result_of("x").at("status"), "promoted_to_stable");
}

TEST_F(bad_file, the_same_file_is_not_promoted_twice) {
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  EXPECT_THAT(daemon.errors_of("job"), HasSubstr("has not ended"));
  EXPECT_EQ(daemon.result_of("job").at("status"), "promoted_to_stable");
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  EXPECT_THAT(daemon.errors_of("job.2"), HasSubstr("already promoted"));
  daemon.drop("job.json", simulated_daemon::job("2.2.0"));
  EXPECT_EQ(daemon.result_of("job.2").at("status"), "promoted_to_stable");
}

TEST_F(bad_file, folders_that_are_taken_away_are_made_again) {
  fs::remove_all(daemon.folder(""));
  daemon.run_for(10s);
  EXPECT_TRUE(fs::is_directory(daemon.folder("incoming")));
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  fs::remove_all(daemon.folder("done"));
  EXPECT_EQ(daemon.result_of("job").at("status"), "promoted_to_stable");
}

TEST(early_file, that_was_there_before_the_start_is_taken) {
  simulated_daemon daemon;
  daemon.drop("early.json", simulated_daemon::job("2.1.0"));
  daemon.start();
  EXPECT_EQ(daemon.result_of("early").at("status"), "promoted_to_stable");
}

TEST(early_file, that_does_not_parse_is_read_once_more_two_seconds_later) {
  simulated_daemon daemon;
  const auto whole = json::serialize(simulated_daemon::job("2.1.0"));
  daemon.drop_text("early.json", whole.substr(0, 20));
  daemon.start();
  daemon.run_for(3s);
  EXPECT_THAT(daemon.files_in("rejected"), ElementsAre());
  std::ofstream{daemon.folder("incoming") / "early.json"} << whole;
  EXPECT_EQ(daemon.result_of("early").at("status"), "promoted_to_stable");
}

TEST(many_files, wait_in_incoming_beyond_max_active_jobs) {
  simulated_daemon daemon;
  daemon.settings().limits.max_active_jobs = 3;
  daemon.start();
  for (int i = 0; i < 8; ++i)
    daemon.drop("job" + std::to_string(i) + ".json",
                simulated_daemon::job("2.1.0", {{"bot_id", "bot" + std::to_string(i)}}));
  daemon.run_for(1min);
  EXPECT_EQ(daemon.files_in("active").size(), 3U);
  EXPECT_EQ(daemon.files_in("incoming").size(), 5U);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(daemon.result_of("job" + std::to_string(i)).at("status"), "promoted_to_stable");
}

TEST(webhook_url, without_a_webhook_secret_is_rejected) {
  simulated_daemon daemon;
  daemon.without_webhook_secret();
  daemon.start();
  daemon.drop("job.json",
              simulated_daemon::job("2.1.0", {{"webhook_url", "https://ci-cd.example.com/x"}}));
  EXPECT_THAT(daemon.errors_of("job"), HasSubstr("/webhook_url"));
}

class bad_answer : public testing::TestWithParam<sim::fault_kind> {};

// Every answer to the metrics call that is not a reading counts against the canary.
TEST_P(bad_answer, to_a_poll_is_never_healthy) {
  sim::world_options played;
  played.faults.push_back({.kind = GetParam(), .calls = {sim::call::metrics}});
  simulated_daemon daemon{1, played};
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  const auto result = daemon.result_of("job");
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("readings").at("pass"), 0);
}

// A write that gets a garbage answer is looked up like one whose answer was lost.
TEST_P(bad_answer, to_any_call_once_changes_no_outcome) {
  sim::world_options played;
  for (const auto call : {sim::call::deploy, sim::call::find_deployments, sim::call::promote,
                          sim::call::token, sim::call::audit, sim::call::metrics})
    played.faults.push_back({.kind = GetParam(), .calls = {call}, .count = 1});
  simulated_daemon daemon{1, played};
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("2.1.0"));
  EXPECT_EQ(daemon.result_of("job").at("status"), "promoted_to_stable");
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(of_every_kind, bad_answer,
                         testing::Values(sim::fault_kind::html, sim::fault_kind::truncated_json,
                                         sim::fault_kind::cut_body, sim::fault_kind::oversize,
                                         sim::fault_kind::not_a_number, sim::fault_kind::infinite,
                                         sim::fault_kind::negative, sim::fault_kind::out_of_range,
                                         sim::fault_kind::text_for_number,
                                         sim::fault_kind::duplicate_key,
                                         sim::fault_kind::missing_metric,
                                         sim::fault_kind::null_metric,
                                         sim::fault_kind::lost_after));

TEST(secrets, never_reach_a_log_or_a_file) {
  sim::world_options played;
  played.faults.push_back({.kind = sim::fault_kind::status, .rate = 0.3, .status = 403});
  simulated_daemon daemon{5, played};
  daemon.start();
  for (int i = 0; i < 20; ++i)
    daemon.drop("job" + std::to_string(i) + ".json",
                simulated_daemon::job("2.1.0", {{"bot_id", "bot" + std::to_string(i)},
                                                {"webhook_url", "https://u.example.com/x?k=v"}}));
  daemon.run_for(1h);
  for (const auto* secret : {"demo-secret", "hook-secret", "simulated-", "?k=v"})
    EXPECT_EQ(daemon.logged(secret), 0U) << secret;
}

}  // namespace
}  // namespace canaryd::simulation
