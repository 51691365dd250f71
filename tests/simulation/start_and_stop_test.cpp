// What a start detects, what a reload changes, and what a stop leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"
#include "support/exposition.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using support::value_of;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

class start_and_stop : public testing::Test {
 protected:
  void drop_many(int count) {
    for (int i = 0; i < count; ++i) {
      const auto name = "job" + std::to_string(i);
      daemon.drop(name + ".json", simulated_daemon::job("1.0", {{"bot_id", "bot_" + name},
                                                                {"validation_interval", "2m"}}));
    }
  }

  simulated_daemon daemon;
};

TEST_F(start_and_stop, up_to_fifty_canaries_are_named) {
  daemon.start();
  drop_many(50);
  daemon.run_for(10s);
  daemon.stop();
  EXPECT_EQ(daemon.logged("warning canary left as it is job="), 50U);
}

TEST_F(start_and_stop, more_canaries_are_counted_in_one_line) {
  daemon.start();
  drop_many(51);
  daemon.run_for(10s);
  daemon.stop();
  EXPECT_EQ(daemon.logged("warning canaries left as they are count=51"), 1U);
  EXPECT_EQ(daemon.logged("canary left as it is"), 0U);
}

TEST_F(start_and_stop, a_token_is_asked_for_at_the_start) {
  daemon.start();
  daemon.run_for(10s);
  EXPECT_EQ(daemon.world().count(sim::call::token), 1U);
  EXPECT_THAT(daemon.log_text(), Not(HasSubstr("token")));
}

TEST_F(start_and_stop, a_token_that_is_refused_is_said_once_and_asked_for_until_it_comes) {
  daemon.world().add_fault(
      {.kind = sim::fault_kind::status, .calls = {sim::call::token}, .count = 5, .status = 401});
  daemon.start();
  daemon.run_for(10min);
  EXPECT_EQ(daemon.logged("error there is no access token, trying again"), 1U);
  EXPECT_EQ(daemon.logged("info an access token was obtained"), 1U);
  EXPECT_EQ(daemon.world().count(sim::call::token), 6U);
}

TEST_F(start_and_stop, nothing_of_a_refused_reload_is_in_force) {
  daemon.start();
  daemon.drop("first.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  daemon.host().reload_in_error();
  daemon.drop("second.json", simulated_daemon::job("1.0", {{"bot_id", "other"}}));
  EXPECT_EQ(daemon.result_of("first").at("readings").at("pass"), 10);
  EXPECT_EQ(daemon.result_of("second").at("readings").at("pass"), 10);
}

TEST_F(start_and_stop, the_configuration_of_the_start_counts_as_accepted) {
  daemon.start();
  const auto present = daemon.host().metrics_text();
  EXPECT_THAT(value_of(present, "canaryd_config_last_reload_successful"), Optional(1.0));
  EXPECT_THAT(value_of(present, "canaryd_config_last_reload_success_timestamp_seconds"),
              Optional(testing::Gt(1.0)));
}

}  // namespace
}  // namespace canaryd::simulation
