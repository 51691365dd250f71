// watch on a pseudo-terminal and in a pipe, against a scripted daemon.
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "canaryctl_run.hpp"
#include "samples.hpp"
#include "scripted_daemon.hpp"
#include "terminal_run.hpp"
#include <csignal>
#include <fstream>
#include <sstream>

namespace canaryd::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class watch : public testing::Test {
 protected:
  watch() {
    answer_with(job_json("orders", "observing"));
    daemon.answer(
        "GET /v1/jobs/orders/readings",
        {.body = R"({"readings":[)" +
                 reading_json("orders", "2026-03-01T09:01:00.000Z", 0.01, "pass") + "]}"});
  }

  void answer_with(const std::string& job) {
    daemon.answer("GET /v1/jobs/orders", {.body = job});
    daemon.answer("GET /v1/jobs", {.body = R"({"jobs":[)" + job + "]}"});
  }
  void change_to(const std::string& job) {
    answer_with(job);
    daemon.send_event("state", on_one_line(job));
  }
  void read(std::string_view at, double error_rate, std::string_view verdict) {
    daemon.send_event("reading", on_one_line(reading_json("orders", at, error_rate, verdict)));
  }
  std::vector<std::string> arguments(std::vector<std::string> command = {"watch", "orders"}) {
    command.insert(command.begin(), {"--socket", daemon.socket_path()});
    return command;
  }

  scripted_daemon daemon;
};

TEST_F(watch, the_screen_has_everything_an_operator_asks_for) {
  terminal_run run{arguments(), 90, 24};
  ASSERT_TRUE(run.shows("So far")) << run.screen().text();
  const auto text = run.screen().text();
  EXPECT_TRUE(text.starts_with("orders  2.1.0  bot_orders in env_prod\n")) << text;
  EXPECT_THAT(text, AllOf(HasSubstr("State    observing\n"),
                          HasSubstr("Step     1 of 2  ● 5 % 5m  ○ 25 % 10m\n"),
                          HasSubstr("5 % canary, 95 % stable"), HasSubstr("left\n"),
                          HasSubstr("pass, 401 conversations"), HasSubstr("next check in ")));
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("METRIC              VALUE     LIMIT       VERDICT   READINGS\n"),
            HasSubstr("error_rate          0.01      ≤ 0.05      pass"),
            HasSubstr("satisfaction_score  4.4       ≥ 3.5       pass"), HasSubstr("EVENTS")));
  EXPECT_FALSE(run.screen().cursor_is_visible());
}

TEST_F(watch, the_view_is_redrawn_in_place) {
  terminal_run run{arguments(), 90, 24};
  ASSERT_TRUE(run.shows("0.01 "));
  ASSERT_TRUE(daemon.wait_for_listener());
  read("2026-03-01T09:02:00.000Z", 0.0432, "pass");
  ASSERT_TRUE(run.shows("0.0432"));
  const auto text = run.screen().text();
  EXPECT_TRUE(text.starts_with("orders  2.1.0")) << text;
  EXPECT_EQ(text.find("State  "), text.rfind("State  "));
  EXPECT_THAT(text, HasSubstr("▁▇\n"));
  EXPECT_THAT(run.screen().unknown(), IsEmpty());
}

TEST_F(watch, a_rollback_ends_it_with_1_and_the_last_view_stays) {
  terminal_run run{arguments(), 90, 24};
  ASSERT_TRUE(run.shows("observing"));
  ASSERT_TRUE(daemon.wait_for_listener());
  read("2026-03-01T09:02:00.000Z", 0.2, "breach");
  change_to(job_json("orders", "rolling_back", "threshold_breach"));
  ASSERT_TRUE(run.shows("State    rolling_back (threshold_breach)"));
  change_to(job_json("orders", "rolled_back", "threshold_breach"));
  EXPECT_EQ(run.finish(), 1);
  EXPECT_THAT(run.screen().text(), AllOf(HasSubstr("State    rolled_back (threshold_breach)"),
                                         HasSubstr("reading breach error_rate=0.2/0.05")));
  EXPECT_TRUE(run.screen().cursor_is_visible());
  EXPECT_TRUE(run.screen().wraps());
}

TEST_F(watch, each_end_has_its_exit_code) {
  const std::vector<std::pair<std::string, int>> ends{
      {"promoted_to_stable", 0}, {"rolled_back", 1}, {"failed", 2}};
  for (const auto& [state, code] : ends) {
    answer_with(job_json("orders", state));
    EXPECT_EQ(run_canaryctl(arguments()).exit_code, code) << state;
  }
  EXPECT_EQ(run_canaryctl(arguments({"watch", "nosuch"})).exit_code, 2);
}

TEST_F(watch, it_follows_the_size_of_the_window) {
  terminal_run run{arguments(), 90, 24};
  ASSERT_TRUE(run.shows("EVENTS"));
  run.resize(30, 6);
  ASSERT_TRUE(run.shows("…")) << run.screen().text();
  ASSERT_TRUE(run.shows_no("METRIC"));
  run.resize(90, 24);
  ASSERT_TRUE(run.shows("METRIC")) << run.screen().text();
}

TEST_F(watch, ctrl_c_and_sigterm_put_the_terminal_back) {
  terminal_run pressed{arguments(), 90, 24};
  ASSERT_TRUE(pressed.shows("EVENTS"));
  pressed.press_interrupt();
  EXPECT_EQ(pressed.finish(), 128 + SIGINT);
  EXPECT_TRUE(pressed.screen().cursor_is_visible());

  terminal_run ended{arguments(), 90, 24};
  ASSERT_TRUE(ended.shows("EVENTS"));
  ended.signal(SIGTERM);
  EXPECT_EQ(ended.finish(), 128 + SIGTERM);
  EXPECT_TRUE(ended.screen().cursor_is_visible());
  EXPECT_TRUE(ended.screen().wraps());
}

TEST_F(watch, a_restart_of_the_daemon_is_waited_for) {
  terminal_run run{arguments(), 90, 24};
  ASSERT_TRUE(run.shows("EVENTS"));
  daemon.stop();
  ASSERT_TRUE(run.shows("State    observing   daemon away, reconnecting")) << run.screen().text();
  answer_with(job_json("orders", "paused"));
  daemon.start();
  ASSERT_TRUE(run.shows("State    paused\n")) << run.screen().text();
  EXPECT_THAT(run.screen().text(), HasSubstr("daemon back"));
  ASSERT_TRUE(daemon.wait_for_listener());
  change_to(job_json("orders", "promoted_to_stable", "operator_promote"));
  EXPECT_EQ(run.finish(), 0);
}

TEST_F(watch, no_color_is_honoured) {
  {
    terminal_run run{arguments(), 90, 24};
    ASSERT_TRUE(run.shows("EVENTS"));
    EXPECT_THAT(run.bytes(), HasSubstr("\x1B[1m"));
  }
  setenv("NO_COLOR", "1", 1);
  terminal_run run{arguments(), 90, 24};
  unsetenv("NO_COLOR");
  ASSERT_TRUE(run.shows("EVENTS"));
  EXPECT_THAT(run.bytes(), Not(testing::ContainsRegex("\x1B\\[[0-9;]*m")));
}

TEST_F(watch, a_pipe_gets_a_line_an_event_and_no_escapes) {
  canaryctl_run run{arguments()};
  ASSERT_TRUE(run.wait_for("observing, step 1 of 2"));
  read("2026-03-01T09:02:00.000Z", 0.2, "breach");
  ASSERT_TRUE(run.wait_for("reading breach"));
  daemon.send_event("log",
                    R"({"level":"warning","text":"reading error_rate=…","job_id":"orders"})");
  daemon.send_event("log", R"({"level":"warning","text":"polls are late","job_id":"orders"})");
  daemon.send_event("log", R"({"level":"warning","text":"not ours","job_id":"other"})");
  ASSERT_TRUE(run.wait_for("polls are late"));
  change_to(job_json("orders", "rolled_back", "threshold_breach"));
  const auto done = run.finish();
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, Not(HasSubstr("\x1B")));
  EXPECT_THAT(done.out, Not(HasSubstr("not ours")));
  std::istringstream lines{done.out};
  std::vector<std::string> seen;
  for (std::string line; std::getline(lines, line);)
    seen.push_back(line);
  ASSERT_EQ(seen.size(), 4);
  EXPECT_THAT(seen[0], HasSubstr("Z observing, step 1 of 2, 5 % of the traffic"));
  EXPECT_EQ(
      seen[1],
      "2026-03-01T09:02:00.000Z reading breach error_rate=0.2/0.05 satisfaction_score=4.4/3.5 "
      "avg_latency_ms=321/1500 conversations=401");
  EXPECT_THAT(seen[2], HasSubstr("warning polls are late"));
  EXPECT_THAT(seen[3], HasSubstr("rolled_back, 5 % of the traffic, threshold_breach"));
}

TEST_F(watch, what_was_said_just_before_the_end_is_not_lost) {
  canaryctl_run run{arguments()};
  ASSERT_TRUE(run.wait_for("observing"));
  daemon.send_event("state", on_one_line(job_json("orders", "rolled_back", "threshold_breach")));
  daemon.send_event("log", R"({"level":"info","text":"canary ended","job_id":"orders"})");
  EXPECT_THAT(run.finish().out, HasSubstr("info canary ended"));
}

TEST_F(watch, a_pipe_hears_of_a_restart_and_of_readings_missed_meanwhile) {
  canaryctl_run run{arguments()};
  ASSERT_TRUE(run.wait_for("observing"));
  daemon.stop();
  ASSERT_TRUE(run.wait_for("daemon away, reconnecting"));
  daemon.answer("GET /v1/jobs/orders/readings",
                {.body = R"({"readings":[)" +
                         reading_json("orders", "2026-03-01T09:01:00.000Z", 0.01, "pass") + "," +
                         reading_json("orders", "2026-03-01T09:02:00.000Z", 0.02, "pass") + "]}"});
  answer_with(job_json("orders", "promoted_to_stable", "passed"));
  daemon.start();
  const auto done = run.finish();
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, AllOf(HasSubstr("daemon back"), HasSubstr("09:02:00.000Z reading"),
                              Not(HasSubstr("09:01:00.000Z reading"))));
}

TEST_F(watch, a_pipe_hears_what_to_do_at_a_gate_and_the_evidence) {
  canaryctl_run run{arguments()};
  ASSERT_TRUE(run.wait_for("observing"));
  ASSERT_TRUE(daemon.wait_for_listener());
  change_to(job_json("orders", "waiting_approval"));
  ASSERT_TRUE(run.wait_for("; canaryctl approve orders --expect-step 1\n"));
  daemon.send_event("reading",
                    on_one_line(evidence_json("orders", "2026-03-01T09:02:00.000Z", 3.125, 12)));
  ASSERT_TRUE(
      run.wait_for("reading pass error_rate=0.012/0.05 avg_latency_ms=(1612/1500) "
                   "escalation_rate=0.04/0.1 conversations=401 "
                   "evidence=error_rate:for 12/40\n"));
  change_to(job_json("orders", "promoted_to_stable", "passed"));
  EXPECT_THAT(run.finish().out, HasSubstr("waiting_approval, step 1 of 2, 5 % of the traffic; "));
}

TEST_F(watch, a_pipe_hears_why_a_poll_failed) {
  canaryctl_run run{arguments()};
  ASSERT_TRUE(run.wait_for("observing"));
  ASSERT_TRUE(daemon.wait_for_listener());
  daemon.send_event("reading", on_one_line(failed_poll_json("orders", "2026-03-01T09:02:00.000Z",
                                                            "HTTP 503: busy")));
  EXPECT_TRUE(run.wait_for("reading provider_error: HTTP 503: busy\n"));
}

TEST_F(watch, json_is_a_document_a_line) {
  auto command = arguments();
  command.emplace_back("--json");
  canaryctl_run run{command};
  ASSERT_TRUE(run.wait_for("\n"));
  read("2026-03-01T09:02:00.000Z", 0.01, "pass");
  ASSERT_TRUE(run.wait_for("reading"));
  change_to(job_json("orders", "promoted_to_stable", "passed"));
  const auto done = run.finish();
  EXPECT_EQ(done.exit_code, 0);
  std::istringstream lines{done.out};
  std::string events;
  for (std::string line; std::getline(lines, line);) {
    const auto document = boost::json::parse(line);
    events += std::string{document.at("event").as_string()} + " ";
    EXPECT_EQ(document.at("data").at("job_id"), "orders");
  }
  EXPECT_EQ(events, "state reading state ");
}

TEST_F(watch, without_a_job_it_is_a_live_table) {
  terminal_run run{arguments({"watch"}), 120, 10};
  ASSERT_TRUE(run.shows("1 canary under way")) << run.screen().text();
  EXPECT_TRUE(run.screen().text().starts_with("1 canary under way\nJOB "));
  ASSERT_TRUE(daemon.wait_for_listener());
  daemon.send_event("state", on_one_line(job_json("billing", "deploying")));
  ASSERT_TRUE(run.shows("billing  deploying")) << run.screen().text();
  daemon.send_event("state", on_one_line(job_json("billing", "failed", "deploy_refused")));
  ASSERT_TRUE(run.shows("deploy_refused"));
  EXPECT_THAT(run.screen().text(), HasSubstr("1 canary under way"));
  run.press_interrupt();
  EXPECT_EQ(run.finish(), 128 + SIGINT);
}

TEST_F(watch, a_job_that_ended_while_the_daemon_was_away_is_shown_so) {
  terminal_run run{arguments({"watch"}), 120, 10};
  ASSERT_TRUE(run.shows("1 canary under way")) << run.screen().text();
  daemon.stop();
  ASSERT_TRUE(run.shows("daemon away, reconnecting"));
  daemon.answer("GET /v1/jobs", {.body = R"({"jobs":[]})"});
  daemon.answer("GET /v1/jobs/orders", {.body = job_json("orders", "rolled_back", "inconclusive")});
  daemon.start();
  ASSERT_TRUE(run.shows("0 canaries under way")) << run.screen().text();
  EXPECT_THAT(run.screen().text(), HasSubstr("orders  rolled_back"));
}

TEST_F(watch, a_daemon_that_hangs_does_not_hold_up_ctrl_c) {
  terminal_run run{arguments(), 90, 24};
  ASSERT_TRUE(run.shows("EVENTS"));
  ASSERT_TRUE(daemon.wait_for_listener());
  daemon.hang();
  read("2026-03-01T09:02:00.000Z", 0.2, "breach");
  ASSERT_TRUE(run.shows("daemon away, reconnecting")) << run.screen().text();
  run.press_interrupt();
  EXPECT_EQ(run.finish(), 128 + SIGINT);
}

TEST_F(watch, without_a_job_a_pipe_gets_lines_with_the_job) {
  canaryctl_run run{arguments({"watch"})};
  ASSERT_TRUE(run.wait_for("Z orders observing, step 1 of 2"));
  ASSERT_TRUE(daemon.wait_for_listener());
  read("2026-03-01T09:02:00.000Z", 0.2, "breach");
  ASSERT_TRUE(run.wait_for("2026-03-01T09:02:00.000Z orders reading breach error_rate=0.2/0.05"));
  daemon.send_event("log", R"({"level":"warning","text":"the disk is full"})");
  ASSERT_TRUE(run.wait_for("Z warning the disk is full"));
  run.signal(SIGTERM);
  EXPECT_EQ(run.finish().exit_code, 128 + SIGTERM);
}

TEST_F(watch, a_table_that_is_too_long_says_so) {
  std::string jobs = R"({"jobs":[)";
  for (int i = 0; i < 20; ++i)
    jobs += (i > 0 ? "," : "") + job_json(fmt::format("job{:02}", i), "observing");
  daemon.answer("GET /v1/jobs", {.body = jobs + "]}"});
  terminal_run run{arguments({"watch"}), 120, 10};
  ASSERT_TRUE(run.shows("… and 14 more")) << run.screen().text();
}

TEST_F(watch, submit_waits_for_the_end_where_asked_to) {
  daemon.answer("POST /v1/jobs", {.status = 201, .body = job_json("orders", "queued")});
  answer_with(job_json("orders", "rolled_back", "threshold_breach"));
  const auto file = std::filesystem::path{daemon.socket_path()}.parent_path() / "orders.json";
  std::ofstream{file} << "{}";
  const auto done = run_canaryctl(arguments({"submit", "--wait", file}));
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, AllOf(HasSubstr("accepted as orders"), HasSubstr("rolled_back")));
}

}  // namespace
}  // namespace canaryd::cli
