// Tests the installed program with real processes, TLS, files and signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "processes.hpp"
#include <chrono>
#include <memory>
#include <signal.h>

namespace canaryd::loopback {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace json = boost::json;
namespace fs = std::filesystem;

class command_line : public testing::Test {
 protected:
  int run(std::vector<std::string> arguments) {
    process program{"canaryd", std::move(arguments), directory.path() / "out"};
    const auto code = program.wait();
    output = program.output();
    return code.value_or(-1);
  }

  scratch_directory directory;
  std::string output;
};

TEST_F(command_line, help_and_version_end_with_0) {
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(output, HasSubstr("--check-config"));
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(output, HasSubstr("canaryd " CANARYD_VERSION));
}

TEST_F(command_line, an_unknown_option_is_a_usage_error) {
  EXPECT_EQ(run({"--nonsense"}), 64);
}

TEST_F(command_line, a_configuration_that_is_missing_or_wrong_ends_with_78_and_every_problem) {
  EXPECT_EQ(run({"--config", directory.path() / "absent.json"}), 78);
  EXPECT_THAT(output, HasSubstr("absent.json: No such file or directory"));
  const auto file = directory.path() / "canaryd.json";
  write_file(file, "{\n  \"api\": {\"client_secret\": \"x\"},\n  \"limtis\": {}\n}\n");
  EXPECT_EQ(run({"--config", file, "--check-config"}), 78);
  EXPECT_THAT(output, HasSubstr("canaryd.json:2:"));
  EXPECT_THAT(output, HasSubstr("client_secret_file"));
  EXPECT_THAT(output, HasSubstr("limits"));
}

TEST(canaryd, promotes_a_healthy_canary_and_rolls_back_a_failing_one) {
  const installation here;
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready")) << daemon->output();
  here.drop("good", "2.1.0", {{"webhook_url", "https://ci-cd.example.com/hooks/canary"}});
  here.drop("bad", "2.2.0-bad");
  EXPECT_EQ(here.result_of("good").at("status"), "promoted_to_stable");
  EXPECT_EQ(here.result_of("bad").at("status"), "rolled_back");
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(), 0);
}

TEST(canaryd, check_config_accepts_a_good_file_and_touches_nothing) {
  const installation here;
  process check{"canaryd", {"--config", here.config_file(), "--check-config"}, here.file("out")};
  EXPECT_EQ(check.wait(), 0) << check.output();
  EXPECT_FALSE(fs::exists(here.file("jobs")));
  EXPECT_FALSE(fs::exists(here.file("state")));
}

TEST(canaryd, ends_in_under_two_seconds_while_answers_hang_and_names_each_canary) {
  installation here{{"--answer-delay", "60000"}};
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("stuck", "2.1.0");
  ASSERT_TRUE(daemon->says("job accepted"));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(2s), 0);
  EXPECT_THAT(daemon->output(), HasSubstr("canary left as it is job=stuck"));
}

TEST(canaryd, a_second_instance_on_the_same_state_refuses_to_start) {
  const installation here;
  const auto first = here.start();
  ASSERT_TRUE(first->says("canaryd is ready"));
  process second{"canaryd", {"--config", here.config_file()}, here.file("second.log")};
  EXPECT_EQ(second.wait(), 75);
  EXPECT_THAT(second.output(), HasSubstr("in use by another instance"));
}

TEST(canaryd, a_second_instance_on_the_same_jobs_dir_refuses_to_start) {
  installation here;
  const auto first = here.start();
  ASSERT_TRUE(first->says("canaryd is ready"));
  here.configure({}, {{"state_dir", here.file("state2").string()},
                      {"control_socket", here.file("second.sock").string()}});
  process second{"canaryd", {"--config", here.config_file()}, here.file("second.log")};
  EXPECT_EQ(second.wait(), 75);
  EXPECT_THAT(second.output(), HasSubstr("jobs is in use by another instance"));
}

TEST(canaryd, a_jobs_dir_that_cannot_be_made_is_an_alarm) {
  installation here;
  here.configure({}, {{"jobs_dir", "/proc/nowhere/jobs"}});
  const auto daemon = here.start();
  EXPECT_TRUE(daemon->says("canaryd is ready")) << daemon->output();
  EXPECT_THAT(daemon->output(), HasSubstr("jobs_dir cannot be used, trying again"));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(), 0);
}

TEST(canaryd, a_folder_that_cannot_be_made_ends_with_75) {
  installation here;
  here.configure({}, {{"state_dir", "/proc/nowhere/state"}});
  const auto daemon = here.start();
  EXPECT_EQ(daemon->wait(), 75) << daemon->output();
}

TEST(canaryd, a_certificate_of_an_unknown_authority_is_never_trusted) {
  installation here;
  here.configure({{"ca_file", nullptr}});
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("job", "2.1.0");
  ASSERT_TRUE(daemon->says("waiting for an access token")) << daemon->output();
  EXPECT_THAT(daemon->output(), HasSubstr("certificate"));
  EXPECT_THAT(read_file(here.file("sim.log")), testing::Not(HasSubstr("deploy ")));
}

TEST(canaryd, a_reload_takes_a_good_file_and_refuses_a_bad_one) {
  installation here;
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  write_file(here.config_file(), "{ not json");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->says("reload refused"));
  here.configure({}, {{"defaults", json::object{{"validation_duration", "1s"}}},
                      {"limits", json::object{{"min_interval", "200ms"}}}});
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->says("configuration reloaded")) << daemon->output();
  here.drop("job", "2.1.0", {{"validation_interval", "150ms"}});
  ASSERT_TRUE(eventually([&] { return fs::exists(here.file("jobs/rejected/job.error.json")); }));
  EXPECT_THAT(read_file(here.file("jobs/rejected/job.error.json")),
              HasSubstr("/validation_interval"));
}

TEST(canaryd, a_reload_may_not_change_the_api_while_a_job_is_active) {
  installation here;
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("job", "2.1.0", {{"validation_duration", "1h"}});
  ASSERT_TRUE(daemon->says("deployed:"));
  here.configure({{"base_url", "https://127.0.0.1:1/api/v1"}});
  daemon->signal(SIGHUP);
  EXPECT_TRUE(daemon->says("cannot change while a job is active")) << daemon->output();
}

TEST(canaryd, after_a_kill_the_canary_goes_on_where_it_was) {
  const installation here;
  auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("job", "2.1.0", {{"validation_duration", "3s"}});
  ASSERT_TRUE(daemon->says("verdict=pass"));
  daemon->signal(SIGKILL);
  daemon->wait();
  daemon = here.start();
  EXPECT_EQ(here.result_of("job").at("status"), "promoted_to_stable") << daemon->output();
  EXPECT_THAT(read_file(here.file("sim.log")), testing::Not(HasSubstr("dep-2")));
}

TEST(canaryd, a_canary_that_nobody_remembers_is_rolled_back) {
  const installation here;
  auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("job", "2.1.0", {{"validation_duration", "1h"}});
  ASSERT_TRUE(daemon->says("deployed:"));
  daemon->signal(SIGKILL);
  daemon->wait();
  fs::remove_all(here.file("state"));
  daemon = here.start();
  EXPECT_TRUE(eventually([&] { return fs::exists(here.file("jobs/rejected/job.error.json")); }))
      << daemon->output();
  EXPECT_THAT(read_file(here.file("sim.log")), HasSubstr("rollback     dep-1"));
}

TEST(canaryd, a_job_whose_stored_state_cannot_be_read_is_left_alone) {
  const installation here;
  auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("job", "2.1.0", {{"validation_duration", "1h"}});
  ASSERT_TRUE(daemon->says("deployed:"));
  daemon->signal(SIGKILL);
  daemon->wait();
  sqlite3* state = nullptr;
  ASSERT_EQ(sqlite3_open(here.file("state/state.db").c_str(), &state), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(state, "UPDATE jobs SET canary = '{}'", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(state);
  daemon = here.start();
  EXPECT_TRUE(daemon->says("stored state of a job cannot be read")) << daemon->output();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("next", "2.2.0", {{"bot_id", "bot_job"}, {"validation_duration", "1h"}});
  ASSERT_TRUE(daemon->says("waiting for job job of the same bot"));
  EXPECT_TRUE(fs::exists(here.file("jobs/active/job.json")));
  EXPECT_FALSE(fs::exists(here.file("jobs/rejected/job.error.json")));
  EXPECT_THAT(read_file(here.file("sim.log")), testing::Not(HasSubstr("rollback     dep-1")));
  EXPECT_THAT(read_file(here.file("sim.log")), testing::Not(HasSubstr("dep-2")));
}

TEST(canaryd, without_descriptors_files_are_held_and_canaries_watched_and_rolled_back) {
  const installation here;
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("bad", "2.1.0-bad", {{"validation_interval", "2s"}, {"validation_duration", "1h"}});
  ASSERT_TRUE(daemon->says("deployed:"));
  daemon->limit_descriptors(3);
  here.drop("late", "2.1.0");
  ASSERT_TRUE(daemon->says("job file not taken, trying again")) << daemon->output();
  ASSERT_TRUE(daemon->says("deployment dep-1 is rolled back")) << daemon->output();
  EXPECT_THAT(daemon->output(), HasSubstr("Too many open files"));
  daemon->limit_descriptors(1024);
  EXPECT_EQ(here.result_of("late").at("status"), "promoted_to_stable") << daemon->output();
  EXPECT_EQ(here.result_of("bad").at("reason"), "threshold_breach") << daemon->output();
}

TEST(canaryd, a_corrupt_state_is_moved_aside) {
  const installation here;
  fs::create_directories(here.file("state"));
  write_file(here.file("state/state.db"), "this is no database, but it was there");
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  EXPECT_THAT(daemon->output(), HasSubstr("state.db.corrupt-"));
  here.drop("job", "2.1.0", {{"validation_duration", "1s"}});
  EXPECT_EQ(here.result_of("job").at("status"), "promoted_to_stable") << daemon->output();
}

}  // namespace
}  // namespace canaryd::loopback
