// There are more polls than the API, the connections or the machine can handle, or the process is
// stopped. All of that makes polls late, but never counts as a failure of the API
// (reference: "Polls", "Rate budget").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"
#include <string>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

sim::world_options answering_after(duration delay) {
  sim::world_options options;
  options.answer_delay = delay;
  options.requests_kept = 10;
  return options;
}

class overload : public testing::Test {
 protected:
  void start(duration answers_after, std::size_t connections) {
    daemon.emplace(1, answering_after(answers_after));
    daemon->settings().api().rate_limit = {.requests = 1'000'000, .per = 1s};
    daemon->settings().api().max_connections = connections;
    daemon->settings().limits.min_interval = 1ms;
    daemon->host().seen().excuse_lateness();
    daemon->start();
  }

  void drop(int jobs, std::string_view interval, std::string_view duration) {
    // With strict limits, one of hundreds of canaries would breach by chance now and then.
    const json::object lenient{
        {"error_rate", 0.9}, {"satisfaction_score", 0.1}, {"max_latency_ms", 100'000}};
    for (int i = 0; i < jobs; ++i)
      daemon->drop("job" + std::to_string(i) + ".json",
                   simulated_daemon::job("1.0", {{"bot_id", "bot" + std::to_string(i)},
                                                 {"rollback_thresholds", lenient},
                                                 {"validation_interval", interval},
                                                 {"validation_duration", duration}}));
  }

  std::uint64_t polls() const { return daemon->world().count(sim::call::metrics); }

  void expect_no_provider_errors() {
    EXPECT_THAT(daemon->host().metrics_text(),
                testing::HasSubstr("canaryd_readings_total{verdict=\"provider_error\"} 0"));
  }

  std::optional<simulated_daemon> daemon;
};

TEST_F(overload, polls_stretch_to_what_the_connections_bear_and_none_of_them_fails) {
  start(500ms, 32);
  drop(300, "1s", "2m");
  daemon->run_for(40s);
  const auto before = polls();
  daemon->run_for(30s);
  // 32 connections with half a second for each answer allow 64 polls per second.
  EXPECT_GE(polls() - before, 64U * 30U * 9 / 10);
  expect_no_provider_errors();
  EXPECT_EQ(daemon->logged("poll interval stretched 1s"), 1U);
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(daemon->result_of("job" + std::to_string(i)).at("reason"), "passed");
  expect_no_provider_errors();
}

TEST_F(overload, an_api_slower_than_the_interval_is_polled_as_it_answers) {
  start(8s, 32);
  drop(1, "5s", "1m");
  const auto result = daemon->result_of("job0");
  EXPECT_EQ(result.at("reason"), "passed");
  expect_no_provider_errors();
  EXPECT_EQ(daemon->logged("poll interval stretched 5s → 8s"), 1U);
}

TEST_F(overload, a_job_that_the_connections_cannot_bear_waits) {
  start(4s, 1);
  daemon->settings().limits.max_stretch = 2.0;
  ASSERT_TRUE(daemon->host().reload());
  drop(1, "5s", "10m");
  daemon->run_for(1min);
  daemon->drop("more.json", simulated_daemon::job("1.0", {{"bot_id", "more"},
                                                          {"validation_interval", "2s"},
                                                          {"validation_duration", "1m"}}));
  daemon->run_for(1min);
  EXPECT_EQ(daemon->logged("waiting for connections to the API: polls would be stretched"), 1U);
  EXPECT_EQ(daemon->result_of("more").at("reason"), "passed");
  expect_no_provider_errors();
}

TEST_F(overload, a_machine_that_comes_to_everything_late_fails_nothing) {
  start(100ms, 4);
  daemon->host().slow_down(3s);
  drop(20, "2s", "2m");
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(daemon->result_of("job" + std::to_string(i)).at("reason"), "passed");
  expect_no_provider_errors();
}

// The process is stopped for several intervals, as by SIGSTOP, and then goes on.
TEST_F(overload, one_stall_is_one_breach) {
  start(20ms, 32);
  daemon->drop("bad.json", simulated_daemon::job("1.0-bad", {{"failure_limit", 2}}));
  daemon->run_for(25s);
  daemon->host().suspend(130s);
  daemon->run_for(10s);
  EXPECT_EQ(daemon->world().deployments().front().status, sim::deployment_status::active);
  EXPECT_EQ(polls(), 1U);
  daemon->run_for(22s);
  EXPECT_EQ(polls(), 2U);
  EXPECT_EQ(daemon->world().deployments().front().status, sim::deployment_status::rolled_back);
}

TEST_F(overload, a_stall_in_the_middle_of_a_poll_fails_nothing) {
  start(2s, 32);
  drop(3, "30s", "5m");
  for (int i = 0; i < 5; ++i) {
    daemon->run_for(31s);
    daemon->host().suspend(100s);
  }
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(daemon->result_of("job" + std::to_string(i)).at("reason"), "passed");
  expect_no_provider_errors();
}

}  // namespace
}  // namespace canaryd::simulation
