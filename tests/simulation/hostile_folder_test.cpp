// Whatever others do in jobs_dir, the daemon watches its canaries and touches no other canary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace json = boost::json;

using place_and_kind = std::tuple<std::string, obstacle>;

class spoiled_folder : public testing::TestWithParam<place_and_kind> {
 protected:
  void spoil() { daemon.host().spoil(std::get<0>(GetParam()), std::get<1>(GetParam())); }

  simulated_daemon daemon;
};

TEST_P(spoiled_folder, is_an_alarm_and_the_canary_is_watched_on) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("1.0", {{"bot_id", "bot_good"}}));
  daemon.drop("bad.json", simulated_daemon::job("2.0-bad", {{"bot_id", "bot_bad"}}));
  daemon.run_for(20s);
  spoil();
  daemon.run_for(10min);
  EXPECT_EQ(daemon.host().status().checks.jobs_dir.substr(0, 10), "cannot use");
  EXPECT_FALSE(daemon.host().status().checks.is_ready());
  EXPECT_EQ(daemon.logged("critical jobs_dir cannot be used"), 1U);
  EXPECT_EQ(daemon.world().count(sim::call::promote), 1U);
  EXPECT_EQ(daemon.world().count(sim::call::rollback), 1U);
  daemon.drop("late.json", simulated_daemon::job("3.0", {{"bot_id", "bot_late"}}));
  daemon.run_for(1min);
  EXPECT_EQ(daemon.world().deployments().size(), 2U);
  daemon.host().mend_folders();
  EXPECT_EQ(daemon.result_of("good").at("reason"), "passed");
  EXPECT_EQ(daemon.result_of("bad").at("reason"), "threshold_breach");
  EXPECT_EQ(daemon.result_of("late").at("reason"), "passed");
  EXPECT_EQ(daemon.logged("warning jobs_dir can be used again"), 1U);
  EXPECT_EQ(daemon.host().status().checks.jobs_dir, "");
}

TEST_P(spoiled_folder, is_no_reason_not_to_start) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("1.0-bad"));
  daemon.run_for(20s);
  daemon.crash();
  spoil();
  daemon.start();
  daemon.run_for(2min);
  EXPECT_EQ(daemon.world().count(sim::call::rollback), 1U);
  daemon.stop();
  daemon.start();
  daemon.host().mend_folders();
  EXPECT_EQ(daemon.result_of("bad").at("status"), "rolled_back");
  // The result may have been written earlier, but the copy can be moved only now.
  daemon.run_for(10s);
  EXPECT_THAT(daemon.files_in("active"), ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(of_every_kind, spoiled_folder,
                         testing::Combine(testing::Values("", "incoming", "active", "done",
                                                          "rejected"),
                                          testing::Values(obstacle::loop, obstacle::link_elsewhere,
                                                          obstacle::file, obstacle::fifo)));

class copied_file : public testing::Test {
 protected:
  copied_file() { daemon.start(); }

  std::size_t rollbacks() const { return daemon.world().count(sim::call::rollback); }

  simulated_daemon daemon;
};

TEST_F(copied_file, of_a_live_job_is_rejected_and_the_job_goes_on) {
  daemon.drop("a.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  daemon.crash();
  daemon.host().copy_in_active("a", "b");
  daemon.start();
  EXPECT_THAT(daemon.errors_of("b"), HasSubstr("belongs to another job"));
  EXPECT_EQ(daemon.result_of("a").at("reason"), "passed");
  EXPECT_EQ(rollbacks(), 0U);
}

TEST_F(copied_file, of_a_job_whose_deploy_is_not_settled_is_left_alone) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::slow, .calls = {sim::call::deploy}, .delay = 20s});
  daemon.drop("a.json", simulated_daemon::job("1.0"));
  daemon.run_for(5s);
  daemon.crash();
  daemon.host().copy_in_active("a", "b");
  // The first look-up for the job itself fails.
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::find_deployments}, .count = 1});
  daemon.start();
  daemon.run_for(30s);
  EXPECT_EQ(daemon.result_of("a").at("reason"), "passed");
  EXPECT_EQ(rollbacks(), 0U);
}

TEST_F(copied_file, of_a_job_that_has_ended_does_not_replace_its_file) {
  daemon.drop("a.json", simulated_daemon::job("1.0"));
  EXPECT_EQ(daemon.result_of("a").at("reason"), "passed");
  daemon.drop("b.json", simulated_daemon::job("2.0"));
  daemon.run_for(1min);
  daemon.crash();
  daemon.host().copy_in_active("b", "a");
  daemon.start();
  EXPECT_THAT(daemon.errors_of("a"), HasSubstr("job a has ended"));
  EXPECT_EQ(daemon.result_of("b").at("reason"), "passed");
  EXPECT_EQ(rollbacks(), 0U);
}

TEST_F(copied_file, of_a_forgotten_job_is_not_rolled_back_twice) {
  daemon.drop("a.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  daemon.crash();
  daemon.host().copy_in_active("a", "b");
  daemon.forget();
  daemon.start();
  daemon.run_for(5min);
  EXPECT_EQ(rollbacks(), 1U);
  EXPECT_THAT(daemon.files_in("active"), ElementsAre());
}

class arrival : public testing::Test {
 protected:
  arrival() { daemon.start(); }

  fs::path incoming(const std::string& name) const { return daemon.folder("incoming") / name; }

  simulated_daemon daemon;
};

TEST_F(arrival, of_a_link_is_noticed_within_17_s) {
  daemon.run_for(16s);
  daemon.host().slip_in("job.json", json::serialize(simulated_daemon::job("1.0")));
  daemon.run_for(17s);
  EXPECT_THAT(daemon.files_in("active"), ElementsAre("job.json"));
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(arrival, of_a_nameless_file_that_is_given_a_name_is_noticed) {
  const int file = ::open(daemon.folder("incoming").c_str(), O_TMPFILE | O_WRONLY, 0644);
  if (file < 0)
    GTEST_SKIP() << "the file system has no nameless files";
  const auto text = json::serialize(simulated_daemon::job("1.0"));
  ASSERT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ASSERT_EQ(::linkat(AT_FDCWD, ("/proc/self/fd/" + std::to_string(file)).c_str(), AT_FDCWD,
                     incoming("job.json").c_str(), AT_SYMLINK_FOLLOW),
            0);
  // The file stays open for writing meanwhile.
  daemon.run_for(20s);
  ::close(file);
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(arrival, of_what_is_no_file_is_warned_of_once_while_running) {
  daemon.run_for(1s);
  daemon.host().litter();
  daemon.run_for(1h);
  EXPECT_EQ(daemon.files_in("incoming").size(), 6U);
  EXPECT_EQ(daemon.logged("file in incoming/ left where it is"), 3U);
}

TEST_F(arrival, of_half_a_file_without_an_event_is_read_once_more) {
  const auto text = json::serialize(simulated_daemon::job("1.0"));
  daemon.host().slip_in("half.json", text.substr(0, 30));
  daemon.run_for(30s);
  EXPECT_THAT(daemon.errors_of("half"), HasSubstr("not valid JSON"));
}

// These are more files than the daemon looks at in one go.
TEST_F(arrival, of_thousands_without_an_event_is_dealt_with_bit_by_bit) {
  constexpr std::size_t count = 5000;
  for (std::size_t i = 0; i < count; ++i)
    daemon.host().slip_in(std::to_string(i) + ".txt", "{}");
  daemon.run_for(2min);
  EXPECT_THAT(daemon.files_in("incoming"), ElementsAre());
  EXPECT_EQ(daemon.files_in("rejected").size(), 2 * count);
  daemon.drop("job.json", simulated_daemon::job("1.0"));
  EXPECT_EQ(daemon.result_of("job").at("reason"), "passed");
}

TEST_F(arrival, of_what_a_daemon_had_in_hand_when_it_died_is_put_right) {
  const auto text = json::serialize(simulated_daemon::job("1.0"));
  daemon.host().slip_in(".canaryd-taken.job.json", text);
  daemon.run_for(1min);
  EXPECT_THAT(daemon.files_in("active"), ElementsAre("job.json"));
  EXPECT_THAT(daemon.files_in("incoming"), ElementsAre());
}

class removed_state : public copied_file, public testing::WithParamInterface<std::string> {};

TEST_P(removed_state, is_written_to_its_place_again) {
  daemon.drop("good.json", simulated_daemon::job("1.0", {{"bot_id", "bot_good"}}));
  daemon.run_for(1min);
  daemon.host().remove_state_file(GetParam());
  daemon.run_for(16s);
  EXPECT_EQ(daemon.logged("critical a file of the open database was removed"), 1U);
  EXPECT_EQ(daemon.logged("warning the database is in its place again"), 1U);
  EXPECT_EQ(daemon.host().status().checks.state_written, "");
  daemon.drop("bad.json", simulated_daemon::job("2.0-bad", {{"bot_id", "bot_bad"}}));
  daemon.run_for(15s);
  daemon.crash();
  daemon.start();
  EXPECT_EQ(daemon.result_of("good").at("reason"), "passed");
  EXPECT_EQ(daemon.result_of("bad").at("reason"), "threshold_breach");
  EXPECT_EQ(daemon.world().deployments().size(), 2U);
}

TEST_P(removed_state, is_written_to_its_place_again_by_a_daemon_that_stops_at_once) {
  daemon.drop("good.json", simulated_daemon::job("1.0", {{"bot_id", "bot_good"}}));
  daemon.run_for(1min);
  daemon.host().remove_state_file(GetParam());
  daemon.stop();
  EXPECT_EQ(daemon.logged("critical a file of the open database was removed"), 1U);
  daemon.start();
  EXPECT_EQ(daemon.result_of("good").at("reason"), "passed");
  EXPECT_EQ(daemon.world().deployments().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(each_file, removed_state, testing::Values("", "-wal", "-shm"));

class replaced_state : public copied_file {};

TEST_F(replaced_state, is_left_and_told_of) {
  daemon.run_for(1min);
  const auto file = daemon.host().directory() / "state" / "state.db";
  fs::copy_file(file, file.native() + ".copy");
  fs::rename(file.native() + ".copy", file);
  daemon.run_for(1min);
  EXPECT_EQ(daemon.logged("critical another file is in the place of the open database"), 1U);
  EXPECT_THAT(daemon.host().status().checks.state_written, HasSubstr("another file"));
}

}  // namespace
}  // namespace canaryd::simulation
