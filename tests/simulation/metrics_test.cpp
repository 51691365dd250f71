// The metrics of the whole daemon for Prometheus.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"
#include "support/exposition.hpp"
#include <cstdio>
#include <fstream>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using support::value_of;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::Optional;

class metrics : public testing::Test {
 protected:
  std::string text() { return daemon.host().metrics_text(); }
  std::optional<double> value(const std::string& series) { return value_of(text(), series); }

  simulated_daemon daemon;
};

TEST_F(metrics, tell_of_a_canary_under_way) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  daemon.drop("next.json", simulated_daemon::job("2.2.0"));
  daemon.run_for(40s);
  const auto present = text();
  EXPECT_THAT(value_of(present, R"(canaryd_jobs{state="observing"})"), Optional(1.0));
  EXPECT_THAT(value_of(present, R"(canaryd_jobs{state="queued"})"), Optional(1.0));
  EXPECT_THAT(value_of(present, R"(canaryd_jobs{state="rolling_back"})"), Optional(0.0));
  EXPECT_THAT(value_of(present, R"(canaryd_readings_total{verdict="pass"})"), Optional(1.0));
  EXPECT_THAT(value_of(present, R"(canaryd_reading{job="good",metric="error_rate"})"),
              Optional(AllOf(Ge(0.0), Le(0.05))));
  EXPECT_THAT(value_of(present, R"(canaryd_threshold{job="good",metric="avg_latency_ms"})"),
              Optional(1500.0));
  EXPECT_THAT(present, Not(HasSubstr("job=\"next\"")));
}

TEST_F(metrics, tell_of_a_canary_that_was_rolled_back_and_forget_its_readings) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("2.2.0-bad"));
  daemon.result_of("bad");
  const auto present = text();
  EXPECT_THAT(
      value_of(present,
               R"(canaryd_job_outcomes_total{reason="threshold_breach",status="rolled_back"})"),
      Optional(1.0));
  EXPECT_THAT(value_of(present, R"(canaryd_readings_total{verdict="breach"})"), Optional(1.0));
  EXPECT_THAT(present, Not(HasSubstr("job=\"bad\"")));
  EXPECT_THAT(value_of(present, "canaryd_audit_outbox_records"), Optional(0.0));
}

TEST_F(metrics, tell_of_every_request) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  daemon.result_of("good");
  const auto present = text();
  EXPECT_THAT(value_of(present, R"(canaryd_api_requests_total{call="token",code="200"})"),
              Optional(1.0));
  EXPECT_THAT(value_of(present, R"(canaryd_api_requests_total{call="deploy",code="201"})"),
              Optional(1.0));
  EXPECT_THAT(value_of(present, R"(canaryd_api_requests_total{call="metrics",code="200"})"),
              Optional(10.0));
  EXPECT_THAT(value_of(present, R"(canaryd_api_request_seconds_count{call="metrics"})"),
              Optional(10.0));
  EXPECT_THAT(value_of(present, R"(canaryd_token_refreshes_total{result="succeeded"})"),
              Optional(1.0));
}

TEST_F(metrics, have_each_poll_once_however_often_it_is_tried) {
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(10s);
  daemon.world().add_fault({.calls = {sim::call::metrics}, .count = 2});
  daemon.run_for(26s);
  const auto present = text();
  EXPECT_THAT(value_of(present, R"(canaryd_api_requests_total{call="metrics",code="503"})"),
              Optional(2.0));
  EXPECT_THAT(value_of(present, "canaryd_poll_lateness_seconds_count"), Optional(1.0));
  EXPECT_THAT(value_of(present, "canaryd_poll_lateness_seconds_sum"), Optional(Le(0.01)));
}

TEST_F(metrics, have_the_time_from_a_decision_to_the_rollback_once) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("2.2.0-bad"));
  daemon.run_for(10s);
  daemon.world().add_fault({.calls = {sim::call::rollback}, .count = 3});
  daemon.result_of("bad");
  EXPECT_THAT(value(R"(canaryd_api_requests_total{call="rollback",code="503"})"), Optional(3.0));
  EXPECT_THAT(value("canaryd_rollback_dispatch_seconds_count"), Optional(1.0));
  EXPECT_THAT(value("canaryd_rollback_dispatch_seconds_sum"), Optional(Le(1.0)));
}

TEST_F(metrics, count_the_disk_that_a_rollback_waited_for) {
  daemon.start();
  daemon.drop("bad.json", simulated_daemon::job("2.2.0-bad"));
  daemon.run_for(10s);
  // 13 is SQLITE_FULL.
  daemon.host().fail_disk(13);
  daemon.run_for(60s);
  EXPECT_THAT(value("canaryd_rollback_dispatch_seconds_count"), Optional(1.0));
  EXPECT_THAT(value("canaryd_rollback_dispatch_seconds_sum"), Optional(Le(1.1)));
  daemon.host().fail_disk(0);
  daemon.result_of("bad");
}

// A budget is used up at the start, so the first requests wait.
TEST_F(metrics, have_how_long_the_budget_kept_each_request_waiting) {
  daemon.settings().api().rate_limit = {.requests = 20, .per = 100s};
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(20s);
  const auto present = text();
  EXPECT_THAT(value_of(present, "canaryd_rate_limit_wait_seconds_sum"),
              Optional(AllOf(Ge(5.0), Le(60.0))));
  double requests = 0;
  for (const std::string call : {"token", "deploy", "find_deployments", "audit"}) {
    const auto series = "canaryd_api_request_seconds_count{call=\"" + call + "\"}";
    requests += value_of(present, series).value();
  }
  EXPECT_THAT(value_of(present, "canaryd_rate_limit_wait_seconds_count"), Optional(requests));
}

TEST_F(metrics, are_for_at_most_max_job_series_jobs) {
  daemon.settings().limits.max_job_series = 1;
  daemon.start();
  daemon.drop("one.json", simulated_daemon::job("2.1.0", {{"bot_id", "bot_1"}}));
  daemon.drop("two.json", simulated_daemon::job("2.1.0", {{"bot_id", "bot_2"}}));
  daemon.run_for(100s);
  const auto families = text();
  EXPECT_NE(families.contains("job=\"one\""), families.contains("job=\"two\""));
}

TEST_F(metrics, please_promtool) {
  if (std::system("command -v promtool >/dev/null") != 0)
    GTEST_SKIP() << "promtool is not installed (scripts/install-deps does)";
  daemon.start();
  daemon.drop("good.json", simulated_daemon::job("2.1.0"));
  daemon.run_for(40s);
  std::ofstream{daemon.host().directory() / "metrics"} << text();
  const auto command =
      "promtool check metrics <" + (daemon.host().directory() / "metrics").string() + " 2>&1";
  std::string said;
  auto* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe))
    said += static_cast<char>(byte);
  EXPECT_EQ(::pclose(pipe), 0) << said;
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace canaryd::simulation
