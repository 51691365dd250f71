// Canaries of one bot in several environments. They run side by side if metrics are separate for
// each environment, and otherwise one after the other, even if the configuration changes.
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;

class lanes : public testing::Test {
 protected:
  void tell_environments_apart(bool wanted) {
    daemon.settings().api().calls[platform::call::metrics].path =
        wanted ? "/metrics/conversations?environmentId={environment_id}" : "/metrics/conversations";
  }
  void drop(const std::string& name, std::string_view environment) {
    daemon.drop(name + ".json",
                simulated_daemon::job("1.0-" + name, {{"environment_id", environment}}));
  }
  std::int64_t readings_of(const std::string& job_id) {
    return canary::total(daemon.host().stored_job(job_id).canary.readings);
  }

  simulated_daemon daemon;
};

TEST_F(lanes, two_live_canaries_are_both_watched_after_they_have_become_of_one) {
  tell_environments_apart(true);
  daemon.start();
  drop("first", "env_1");
  drop("second", "env_2");
  daemon.run_for(100s);
  const auto before = readings_of("second");
  EXPECT_GT(before, 0);
  daemon.stop();
  tell_environments_apart(false);
  daemon.start();
  drop("third", "env_3");
  daemon.run_for(100s);
  EXPECT_GT(readings_of("second"), before);
  EXPECT_EQ(readings_of("third"), 0);
  for (const auto* job : {"first", "second", "third"})
    EXPECT_EQ(daemon.result_of(job).at("status"), "promoted_to_stable") << job;
}

TEST_F(lanes, a_job_that_waited_while_that_changed_runs_and_ends) {
  tell_environments_apart(false);
  daemon.start();
  drop("first", "env_1");
  drop("second", "env_2");
  daemon.run_for(100s);
  EXPECT_EQ(readings_of("second"), 0);
  tell_environments_apart(true);
  ASSERT_TRUE(daemon.host().reload());
  drop("third", "env_2");
  for (const auto* job : {"first", "second", "third"})
    EXPECT_EQ(daemon.result_of(job).at("status"), "promoted_to_stable") << job;
}

}  // namespace
}  // namespace canaryd::simulation
