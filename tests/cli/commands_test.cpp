// Each command against a scripted daemon: what it asks, what it prints, what it tells the shell.
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "canaryctl_run.hpp"
#include "samples.hpp"
#include "scripted_daemon.hpp"
#include "terminal_run.hpp"
#include <algorithm>
#include <fstream>
#include <sstream>

namespace canaryd::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class commands : public testing::Test {
 protected:
  commands() {
    daemon.answer("GET /v1/jobs",
                  {.body = R"({"jobs":[)" + job_json("orders", "observing") + "," +
                           job_json("billing", "rolled_back", "threshold_breach") + "]}"});
    daemon.answer("GET /v1/jobs/orders", {.body = job_json("orders", "observing")});
    daemon.answer(
        "GET /v1/jobs/orders/readings",
        {.body = R"({"readings":[)" +
                 reading_json("orders", "2026-03-01T09:01:00.000Z", 0.012, "pass") + "]}"});
    daemon.answer("GET /v1/status",
                  {.body = R"({"version":"0.1.0","jobs":{"observing":1},"api":"ok"})"});
  }

  finished_run run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--socket", daemon.socket_path()});
    return run_canaryctl(arguments);
  }

  std::string job_file(const std::string& name, const std::string& text) {
    const auto file = std::filesystem::path{daemon.socket_path()}.parent_path() / name;
    std::ofstream{file} << text;
    return file;
  }

  scripted_daemon daemon;
};

TEST_F(commands, list_is_a_table_without_colour_in_a_pipe) {
  const auto done = run({"list"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(
      done.out,
      "JOB      STATE        STEP  TRAFFIC  BOT         VERSION  READINGS           NEXT  WHY\n"
      "orders   observing    1/2   5 %      bot_orders  2.1.0    3 pass, 1 no_data  0s\n"
      "billing  rolled_back  1/2   5 %      bot_orders  2.1.0    3 pass, 1 no_data  -     "
      "threshold_breach\n");
}

TEST_F(commands, list_gives_ids_for_scripts) {
  EXPECT_EQ(run({"list", "--ids"}).out, "billing\norders\n");
  EXPECT_EQ(run({"list", "--ids", "--state", "observing"}).out, "orders\n");
}

TEST_F(commands, nothing_that_a_daemon_says_makes_a_terminal_do_anything) {
  const std::string evil = "\\u001b[2J\\u009b31m\u202Ex\u009B\u2028";
  daemon.answer("GET /v1/jobs",
                {.body = R"({"jobs":[{"job_id":"a","state":"observing","detail":")" + evil +
                         R"(","labels":{")" + evil + R"(":"b"}}]})"});
  daemon.answer("GET /v1/jobs/orders", {.status = 404, .body = R"({"detail":")" + evil + R"("})"});
  for (const auto& arguments : {std::vector<std::string>{"list"},
                                {"list", "--json"},
                                {"show", "orders"},
                                {"show", "orders", "--json"},
                                {"show", "\x1B[2J\u202E"}}) {
    const auto done = run(arguments);
    const auto said = done.out + done.err;
    EXPECT_FALSE(said.empty());
    for (const auto* harmful : {"\x1B", "\u009B", "\u202E", "\u2028"})
      EXPECT_THAT(said, Not(HasSubstr(harmful)));
  }
}

TEST_F(commands, json_is_one_document_wherever_the_option_stands) {
  for (const auto& arguments : {std::vector<std::string>{"--json", "list"}, {"list", "--json"}}) {
    const auto done = run(arguments);
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_EQ(boost::json::parse(done.out).at("jobs").as_array().size(), 2);
  }
  EXPECT_EQ(boost::json::parse(run({"show", "orders", "--json"}).out).at("state"), "observing");
  EXPECT_EQ(boost::json::parse(run({"status", "--json"}).out).at("api"), "ok");
  EXPECT_EQ(
      boost::json::parse(run({"history", "orders", "--json"}).out).at("readings").as_array().size(),
      1);
}

TEST_F(commands, show_names_every_fact) {
  const auto done = run({"show", "orders"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("Deployment   dep-17\n"), HasSubstr("1: 5 % for 5m\n"),
                    HasSubstr("Hold left    2m30s\n"), HasSubstr("Label        team=orders\n")));
}

TEST_F(commands, show_has_the_newest_reading_and_what_to_do_at_a_gate) {
  daemon.answer("GET /v1/jobs/orders", {.body = job_json("orders", "waiting_approval")});
  daemon.answer(
      "GET /v1/jobs/orders/readings",
      {.body = R"({"readings":[)" +
               reading_json("orders", "2026-03-01T09:01:00.000Z", 0.07, "breach") + "," +
               without_sides(evidence_json("orders", "2026-03-01T09:02:00.000Z", 3.125, 12)) +
               "]}"});
  EXPECT_THAT(run({"show", "orders"}).out,
              AllOf(HasSubstr("State        waiting_approval\n"
                              "To do        canaryctl approve orders --expect-step 1\n"),
                    HasSubstr("Newest       pass at 2026-03-01 09:02:00Z\n"
                              "             error_rate: pass 0.012/0.05, stable 0.0105, "
                              "evidence for 12/40\n"
                              "             avg_latency_ms: (breach) 1612/1500\n"),
                    Not(HasSubstr("0.07"))));
}

TEST_F(commands, show_says_on_which_side_of_a_limit_a_value_has_to_be) {
  daemon.answer(
      "GET /v1/jobs/orders/readings",
      {.body = R"({"readings":[)" +
               reading_json("orders", "2026-03-01T09:02:00.000Z", 0.07, "breach") + "]}"});
  EXPECT_THAT(run({"show", "orders"}).out,
              HasSubstr("error_rate: breach 0.07, limit ≤ 0.05\n"
                        "             satisfaction_score: pass 4.4, limit ≥ 3.5\n"));
}

TEST_F(commands, show_does_without_readings) {
  daemon.answer("GET /v1/jobs/orders/readings", {.status = 503, .body = R"({"error":"busy"})"});
  const auto done = run({"show", "orders"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, AllOf(HasSubstr("State        observing\n"), Not(HasSubstr("Newest"))));
  EXPECT_EQ(done.err, "");
}

TEST_F(commands, history_has_a_column_for_evidence_and_the_other_arm_where_there_are_any) {
  daemon.answer("GET /v1/jobs/orders/readings",
                {.body = R"({"readings":[)" +
                         reading_json("orders", "2026-03-01T09:01:00.000Z", 0.01, "pass") + "," +
                         evidence_json("orders", "2026-03-01T09:02:00.000Z", 3.125, 12) + "]}"});
  EXPECT_EQ(run({"history", "orders"}).out,
            "AT                    VERDICT  WINDOW  CONVERSATIONS  error_rate  STABLE  EVIDENCE   "
            "satisfaction_score  avg_latency_ms  escalation_rate  SOURCE\n"
            "2026-03-01 09:01:00Z  pass     60s     401            0.01/0.05   -       -          "
            "4.4/3.5             321/1500        -                primary\n"
            "2026-03-01 09:02:00Z  pass     60s     401            0.012/0.05  0.0105  for 12/40  "
            "-                   (1612/1500)     0.04/0.1         primary\n");
}

TEST_F(commands, history_has_a_line_a_reading) {
  const auto done = run({"history", "orders"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, HasSubstr("2026-03-01 09:01:00Z  pass     60s     401            "
                                  "0.012/0.05  4.4/3.5             321/1500        primary\n"));
}

TEST_F(commands, history_has_a_column_for_problems_where_there_are_any) {
  daemon.answer(
      "GET /v1/jobs/orders/readings",
      {.body = R"({"readings":[)" +
               reading_json("orders", "2026-03-01T09:01:00.000Z", 0.01, "pass") + "," +
               failed_poll_json("orders", "2026-03-01T09:02:00.000Z", "HTTP 503: busy") + "]}"});
  EXPECT_EQ(run({"history", "orders"}).out,
            "AT                    VERDICT         WINDOW  CONVERSATIONS  error_rate  "
            "satisfaction_score  avg_latency_ms  SOURCE   PROBLEM\n"
            "2026-03-01 09:01:00Z  pass            60s     401            0.01/0.05   "
            "4.4/3.5             321/1500        primary\n"
            "2026-03-01 09:02:00Z  provider_error  60s     -              -           "
            "-                   -               -        HTTP 503: busy\n");
}

TEST_F(commands, history_cuts_a_problem_where_a_line_of_the_terminal_ends) {
  daemon.answer(
      "GET /v1/jobs/orders/readings",
      {.body = R"({"readings":[)" +
               failed_poll_json("orders", "2026-03-01T09:02:00.000Z", std::string(300, 'x')) +
               "]}"});
  // "AT … SOURCE" are 69 characters and the gap.
  for (const auto& [columns, room] : {std::pair{100, 31UZ}, {80, 91UZ}}) {
    terminal_run on_screen{{"--socket", daemon.socket_path(), "history", "orders"},
                           static_cast<std::size_t>(columns),
                           24};
    EXPECT_EQ(on_screen.finish(), 0);
    EXPECT_EQ(std::ranges::count(on_screen.bytes(), 'x'), room - 1) << columns;
    EXPECT_THAT(on_screen.bytes(), HasSubstr("x…")) << columns;
  }
  EXPECT_THAT(run({"history", "orders"}).out, HasSubstr(std::string(300, 'x')));
}

TEST_F(commands, show_has_the_problem_of_the_newest_reading) {
  daemon.answer(
      "GET /v1/jobs/orders/readings",
      {.body = R"({"readings":[)" +
               failed_poll_json("orders", "2026-03-01T09:02:00.000Z", "HTTP 503: busy") + "]}"});
  EXPECT_THAT(run({"show", "orders"}).out,
              HasSubstr("Newest       provider_error at 2026-03-01 09:02:00Z\n"
                        "             HTTP 503: busy\n"));
}

TEST_F(commands, history_shows_a_limit_that_is_large_in_few_digits) {
  daemon.answer("GET /v1/jobs/orders/readings",
                {.body = R"({"readings":[{"at":"2026-03-01T09:02:00.000Z","verdict":"pass",
"source":"primary","window_s":60,"conversations":1234567,"metrics":{
"cost":{"value":1234567,"limit":1e308,"verdict":"pass"},
"turns":{"value":999999,"limit":1000,"verdict":"pass"}}}]})"});
  EXPECT_THAT(run({"history", "orders"}).out,
              HasSubstr("60s     1234567        1.235e+06/1e+308  999999/1000  primary\n"));
}

TEST_F(commands, status_shows_inner_members_too) {
  EXPECT_EQ(run({"status"}).out, "version         0.1.0\njobs.observing  1\napi             ok\n");
}

TEST_F(commands, a_command_sends_what_it_expects_and_why) {
  daemon.answer("POST /v1/jobs/orders/approve", {.body = job_json("orders", "observing")});
  const auto done = run({"approve", "orders", "--expect-state", "waiting_approval", "--expect-step",
                         "2", "--reason", "looks good"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out, "orders: observing, step 1 of 2, 5 % of the traffic\n");
  EXPECT_THAT(daemon.requests(),
              Contains(R"(POST /v1/jobs/orders/approve {"expect_state":"waiting_approval",)"
                       R"("expect_step":2,"reason":"looks good"})"));
}

TEST_F(commands, each_command_has_its_own_path) {
  for (const std::string name : {"abort", "pause", "resume", "approve", "promote"}) {
    daemon.answer("POST /v1/jobs/orders/" + name, {.body = job_json("orders", "observing")});
    EXPECT_EQ(run({name, "orders"}).exit_code, 0) << name;
    EXPECT_THAT(daemon.requests(), Contains("POST /v1/jobs/orders/" + name + " {}"));
  }
  EXPECT_EQ(run({"promote", "orders", "--force"}).exit_code, 0);
  EXPECT_THAT(daemon.requests(), Contains(R"(POST /v1/jobs/orders/promote {"force":true})"));
}

TEST_F(commands, reload_waits_and_exits_1_with_every_reason_where_it_is_refused) {
  daemon.answer("POST /v1/reload",
                {.body = R"({"reloaded":true,"needs_restart":["http_listen"]})"});
  auto done = run({"reload"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out, "configuration reloaded\n");
  EXPECT_THAT(done.err, HasSubstr("http_listen needs a restart"));
  for (const int status : {409, 422}) {
    daemon.answer(
        "POST /v1/reload",
        {.status = status,
         .body = R"({"error":"refused","detail":"refused","problems":["first","second"]})"});
    done = run({"reload"});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_EQ(done.err, "canaryctl: first\ncanaryctl: second\n");
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(boost::json::parse(run({"reload", "--json"}).out).at("problems").as_array().size(),
              2);
  }
  daemon.stop();
  EXPECT_EQ(run({"reload"}).exit_code, 3);
}

TEST_F(commands, what_is_refused_exits_1_and_says_why) {
  daemon.answer("POST /v1/jobs/orders/promote",
                {.status = 409,
                 .body = R"({"error":"refused","detail":"no reading yet","state":"observing"})"});
  const auto done = run({"promote", "orders"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.err, "canaryctl: no reading yet (state observing)\n");
  EXPECT_THAT(done.out, IsEmpty());
  EXPECT_EQ(boost::json::parse(run({"promote", "orders", "--json"}).out).at("state"), "observing");
  // A state that the reason names already is not said twice.
  daemon.answer("POST /v1/jobs/orders/approve",
                {.status = 409,
                 .body = R"({"error":"refused","detail":"it is observing","state":"observing"})"});
  EXPECT_EQ(run({"approve", "orders"}).err, "canaryctl: it is observing\n");
}

TEST_F(commands, an_unknown_job_exits_1) {
  EXPECT_EQ(run({"show", "nosuch"}).exit_code, 1);
  EXPECT_EQ(run({"abort", "nosuch"}).exit_code, 1);
}

TEST_F(commands, trouble_of_the_daemon_exits_2) {
  daemon.answer("GET /v1/status", {.status = 503, .body = R"({"error":"disk","detail":"full"})"});
  EXPECT_EQ(run({"status"}).exit_code, 2);
  daemon.answer("GET /v1/status", {.status = 200, .body = "<html>"});
  EXPECT_EQ(run({"status"}).exit_code, 2);
}

TEST_F(commands, ids_are_written_as_urls_write_them) {
  run({"show", "a/../b?c"});
  EXPECT_THAT(daemon.requests(), ElementsAre("GET /v1/jobs/a%2F..%2Fb%3Fc"));
}

TEST_F(commands, submit_hands_over_the_bytes_of_the_file) {
  daemon.answer("POST /v1/jobs", {.status = 201, .body = job_json("orders.2", "queued")});
  const auto file = job_file("orders.json", "{the bytes}");
  const auto done = run({"submit", file});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out, file + ": accepted as orders.2\n");
  EXPECT_THAT(daemon.requests(), ElementsAre("POST /v1/jobs?name=orders.json {the bytes}"));
}

TEST_F(commands, a_rejected_file_exits_2_with_a_line_a_problem) {
  daemon.answer("POST /v1/jobs",
                {.status = 422, .body = R"({"error":"rejected","detail":"2 problems","errors":[
  {"pointer":"/version","message":"missing","line":1,"column":1},
  {"pointer":"/failure_limit","message":"found 0","line":4,"column":12}]})"});
  const auto file = job_file("orders.json", "{}");
  const auto done = run({"submit", file});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.err,
            file + ":1:1: /version: missing\n" + file + ":4:12: /failure_limit: found 0\n");
}

TEST_F(commands, a_name_that_is_none_never_reaches_the_daemon) {
  EXPECT_EQ(run({"submit", job_file("orders.txt", "{}")}).exit_code, 2);
  EXPECT_THAT(daemon.requests(), IsEmpty());
}

TEST_F(commands, of_several_files_the_worst_counts_and_all_are_tried) {
  daemon.answer("POST /v1/jobs", {.status = 201, .body = job_json("b", "queued")});
  const auto done = run({"submit", "/nowhere/a.json", job_file("b.json", "{}")});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.out, HasSubstr("accepted as b"));
}

TEST_F(commands, without_a_daemon_the_exit_code_is_3_and_the_text_helps) {
  daemon.stop();
  const auto done = run({"list"});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(
      done.err,
      "canaryctl: no daemon at " + daemon.socket_path() +
          ": is canaryd.service running? If its socket is elsewhere, name it with --socket or "
          "CANARYD_SOCKET\n");
  EXPECT_EQ(run({"watch", "orders"}).exit_code, 3);
  EXPECT_EQ(boost::json::parse(run({"list", "--json"}).out).at("error"), "no_daemon");
}

TEST_F(commands, the_socket_may_be_named_by_the_environment) {
  setenv("CANARYD_SOCKET", daemon.socket_path().c_str(), 1);
  EXPECT_EQ(run_canaryctl({"list", "--ids"}).out, "billing\norders\n");
  unsetenv("CANARYD_SOCKET");
  EXPECT_THAT(run_canaryctl({"list", "--socket", "/none"}).err, HasSubstr("no daemon at /none"));
}

TEST_F(commands, wrong_usage_exits_64_and_help_0) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"nonsense"},
                                             {"show"},
                                             {"validate"},
                                             {"list", "--nonsense"},
                                             {"approve", "orders", "--expect-step", "0"}})
    EXPECT_EQ(run_canaryctl(arguments).exit_code, 64) << testing::PrintToString(arguments);
  EXPECT_EQ(run_canaryctl({"non\nsense", "orders"}).err,
            "canaryctl: there is no command non?sense. --help lists all commands.\n");
  EXPECT_EQ(run_canaryctl({"--help"}).exit_code, 0);
  EXPECT_EQ(run_canaryctl({"watch", "--help"}).exit_code, 0);
  EXPECT_THAT(run_canaryctl({"--version"}).out, HasSubstr("canaryctl "));
}

TEST_F(commands, help_fits_a_terminal_of_80_columns) {
  for (const auto* name :
       {"submit", "validate", "list", "show", "watch", "abort", "pause", "resume", "approve",
        "promote", "history", "status", "reload", "--json"}) {
    std::istringstream lines{run_canaryctl({name, "--help"}).out};
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(line.size(), 80) << line;
  }
  EXPECT_THAT(run_canaryctl({"list", "--help"}).out, HasSubstr("waiting_approval"));
}

TEST_F(commands, what_the_daemon_says_cannot_command_the_terminal) {
  daemon.answer(
      "GET /v1/jobs/evil",
      {.body = R"({"job_id":"evil","state":"observing","detail":"\u001b[2Jgone\nagain"})"});
  const auto done = run({"show", "evil"});
  EXPECT_THAT(done.out, AllOf(Not(HasSubstr("\x1B")), HasSubstr("?[2Jgone?again")));
}

}  // namespace
}  // namespace canaryd::cli
