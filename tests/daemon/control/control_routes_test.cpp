// The answers of the control socket, tested without a socket.
#include "canaryd/daemon/control/control_routes.hpp"

#include "canaryd/daemon/control/job_json.hpp"
#include "canaryd/daemon/tell/log.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store_fixture.hpp"
#include <map>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const peer ada{.actor = "ada(1000)", .uid = 1000, .pid = 1};

class open_store_test : public store::sqlite_store_test {
 protected:
  open_store_test() { open(); }
};

class control_routes_test : public open_store_test {
 protected:
  control_routes_test() {
    add(canaryd::store::job_named("orders"));
    live.at("orders").canary.phase = canary::phases::watching{};
    live.at("orders").canary.deployment_id = "dep-1";
  }

  // Adds a job under way, to the store as well.
  void add(store::job_record job) {
    get(store->add(job));
    live.emplace(job.canary.job_id, std::move(job));
  }
  // Adds a job that has ended for that reason.
  void add_ended(const std::string& id, canary::canary_state state,
                 canary::reason why = canary::reason::passed) {
    auto job = canaryd::store::job_named(id);
    job.canary = canaryd::store::ended(job.canary, state);
    std::get<canary::phases::ended>(job.canary.phase).how.why = why;
    get(store->add(std::move(job)));
  }

  control_answer ask(std::string method, std::string target, std::string body = {},
                     std::optional<peer> from = ada) {
    net::request asked;
    asked.method = std::move(method);
    asked.target.target = std::move(target);
    asked.body = std::move(body);
    auto answered = time.await(routes.answer(std::move(asked), std::move(from)));
    text = answered.answer.body;
    return answered;
  }
  int status(std::string method, std::string target, std::string body = {},
             std::optional<peer> from = ada) {
    return ask(std::move(method), std::move(target), std::move(body), std::move(from))
        .answer.status;
  }
  // The body of the newest answer.
  json::value body() const { return json::parse(text); }

  async::task<canary::command_outcome> command(std::string job_id, canary::command given) {
    commanded = job_id;
    command_given = std::move(given);
    co_return outcome;
  }
  async::task<submission_result> submit(std::string name, std::string bytes) {
    submitted_name = std::move(name);
    submitted_bytes = std::move(bytes);
    co_return submitted;
  }

  const store::job_record* next_job(const std::string& after) const {
    const auto found = live.upper_bound(after);
    return found == live.end() ? nullptr : &found->second;
  }

  std::string text;
  std::map<std::string, store::job_record> live;
  std::map<std::string, store::unreadable_job> unreadable;
  canary::command_outcome outcome{canary::command_effect::done, "",
                                  canary::canary_state::observing};
  std::string commanded;
  canary::command command_given;
  submission_result submitted = "orders";
  std::string submitted_name;
  std::string submitted_bytes;
  daemon_status present;
  reload_outcome reloaded;
  event_hub events{time.executor()};
  control_routes routes{
      {.store = *store,
       .events = events,
       .find_job =
           [this](const std::string& id) {
             const auto found = live.find(id);
             return found == live.end() ? nullptr : &found->second;
           },
       .next_job = [this](const std::string& after) { return next_job(after); },
       .unreadable = [this]() -> const auto& { return unreadable; },
       .command = [this](
                      std::string id,
                      canary::command given) { return command(std::move(id), std::move(given)); },
       .submit = [this](std::string name,
                        std::string bytes) { return submit(std::move(name), std::move(bytes)); },
       .status = [this] { return present; },
       .metrics = [] { return std::string{"canaryd_jobs 1\n"}; },
       .reload = [this] { return reloaded; }}};
};

TEST_F(control_routes_test, every_path_allows_its_methods_and_no_others) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"/healthz", "GET, HEAD"},           {"/readyz", "GET, HEAD"},
      {"/metrics", "GET, HEAD"},           {"/v1/status", "GET, HEAD"},
      {"/v1/events", "GET, HEAD"},         {"/v1/jobs", "GET, HEAD, POST"},
      {"/v1/jobs/orders", "GET, HEAD"},    {"/v1/jobs/orders/readings", "GET, HEAD"},
      {"/v1/jobs/orders/abort", "POST"},   {"/v1/jobs/orders/pause", "POST"},
      {"/v1/jobs/orders/resume", "POST"},  {"/v1/jobs/orders/approve", "POST"},
      {"/v1/jobs/orders/promote", "POST"}, {"/v1/reload", "POST"}};
  for (const auto& [path, methods] : table) {
    for (const std::string method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "EAT"}) {
      const auto answered = ask(method, path);
      if (methods.contains(method)) {
        EXPECT_NE(answered.answer.status, 405) << method << " " << path;
      } else {
        EXPECT_EQ(answered.answer.status, 405) << method << " " << path;
        EXPECT_EQ(net::find_header(answered.answer.headers, "Allow"), methods);
      }
    }
  }
}

TEST_F(control_routes_test, a_reload_is_answered_with_what_came_of_it) {
  reloaded.needs_restart = {"http_listen"};
  EXPECT_EQ(status("POST", "/v1/reload"), 200);
  EXPECT_EQ(text, "{\"reloaded\":true,\"needs_restart\":[\"http_listen\"]}\n");
  reloaded = {
      .effect = reload_effect::file_refused, .problems = {"one", "two"}, .needs_restart = {}};
  EXPECT_EQ(status("POST", "/v1/reload"), 422);
  EXPECT_EQ(body().at("error"), "refused");
  EXPECT_EQ(body().at("problems"), (json::array{"one", "two"}));
  reloaded.effect = reload_effect::not_now;
  EXPECT_EQ(status("POST", "/v1/reload"), 409);
  EXPECT_EQ(status("POST", "/v1/reload", "", std::nullopt), 404) << "not for who is not known";
}

TEST_F(control_routes_test, a_job_that_cannot_be_read_is_shown_and_takes_no_command) {
  unreadable["old"] = {.job_id = "old",
                       .bot_id = "bot_x",
                       .environment_id = "env",
                       .version = "1.0",
                       .deployment_id = "dep-9",
                       .state = "observing",
                       .problem = "its canary is odd"};
  for (const std::string id : {"a", "zebra"})
    add(canaryd::store::job_named(id));
  EXPECT_EQ(status("GET", "/v1/jobs"), 200);
  std::vector<std::string> ids;
  const auto listed = body();
  for (const auto& job : listed.at("jobs").as_array())
    ids.emplace_back(job.at("job_id").as_string());
  EXPECT_THAT(ids, testing::ElementsAre("a", "old", "orders", "zebra"));
  EXPECT_EQ(status("GET", "/v1/jobs/old"), 200);
  EXPECT_EQ(body().at("state"), "unreadable");
  EXPECT_TRUE(body().at("verified").is_null());
  EXPECT_TRUE(body().at("platform").is_null());
  EXPECT_EQ(body().at("bot_id"), "bot_x");
  EXPECT_EQ(body().at("deployment_id"), "dep-9");
  EXPECT_EQ(body().at("detail"), "last stored as observing; its canary is odd");
  EXPECT_EQ(status("GET", "/v1/jobs/old/readings"), 200);
  outcome = {canary::command_effect::refused, why_untouched(unreadable["old"]), {}};
  EXPECT_EQ(status("POST", "/v1/jobs/old/abort"), 409);
  EXPECT_EQ(body().at("state"), "unreadable");
  EXPECT_THAT(std::string{body().at("detail").as_string()},
              testing::HasSubstr("its canary is odd"));
}

TEST_F(control_routes_test, what_is_not_there_is_404_with_the_reason) {
  for (const std::string path :
       {"/", "/v1", "/v1/", "/v1/jobs/", "/v1/jobs/orders/", "/v2/jobs", "/v1/jobs/orders/restart",
        "/healthz/x", "/v1//jobs", "/v1/jobs/orders/readings/1", "/*", "/v1/jobs/nowhere",
        "/v1/jobs/nowhere/readings"}) {
    EXPECT_EQ(status("GET", path), 404) << path;
    EXPECT_FALSE(body().at("error").as_string().empty());
    EXPECT_FALSE(body().at("detail").as_string().empty());
  }
}

TEST_F(control_routes_test, a_target_that_is_no_path_is_refused) {
  for (const std::string target : {"*", "healthz", "http://", "http:///healthz", "ftp://x/healthz",
                                   "x://", "/v1/jobs/%zz", "/v1/jobs?name=%4"})
    EXPECT_EQ(status("GET", target), 400) << target;
}

TEST_F(control_routes_test, a_target_may_name_the_host_that_it_is_asked_of) {
  for (const std::string target : {"http://canaryd/healthz", "HTTP://[::1]:9464/healthz?x=y",
                                   "https://canaryd/v1/jobs/orders"})
    EXPECT_EQ(status("GET", target), 200) << target;
  for (const std::string target : {"http://canaryd", "http://canaryd/", "http://canaryd?x=y"})
    EXPECT_EQ(status("GET", target), 404) << target;
}

TEST_F(control_routes_test, strangers_see_what_measures_and_nothing_else) {
  for (const std::string path : {"/healthz", "/readyz", "/metrics"}) {
    EXPECT_EQ(status("GET", path, "", std::nullopt), 200) << path;
    EXPECT_EQ(status("POST", path, "", std::nullopt), 405) << path;
  }
  for (const std::string path : {"/v1/jobs", "/v1/status", "/v1/events", "/v1/jobs/orders"})
    EXPECT_EQ(status("GET", path, "", std::nullopt), 404) << path;
  EXPECT_EQ(status("POST", "/v1/jobs/orders/abort", "", std::nullopt), 404);
  EXPECT_TRUE(commanded.empty());
}

TEST_F(control_routes_test, a_job_under_way_is_shown_as_it_is_now) {
  auto& job = live.at("orders");
  const auto now = async::clock::now();
  job.canary.hold.next_due = now + 7s;
  job.canary.hold.ends = now + 2500ms;
  job.canary.detail = "all is well";
  EXPECT_EQ(status("GET", "/v1/jobs/orders"), 200);
  const auto shown = body();
  EXPECT_EQ(shown.at("job_id"), "orders");
  EXPECT_EQ(shown.at("state"), "observing");
  EXPECT_EQ(shown.at("status"), "observing");
  EXPECT_EQ(shown.at("step"), 1);
  EXPECT_EQ(shown.at("traffic"), 33.3);
  EXPECT_EQ(shown.at("next_check_at"), "2024-10-04T00:00:07.000Z");
  EXPECT_EQ(shown.at("hold_remaining_s"), 2.5);
  EXPECT_EQ(shown.at("detail"), "all is well");
}

TEST_F(control_routes_test, an_ended_job_is_found_in_the_store) {
  add_ended("old", canary::canary_state::promoted_to_stable);
  EXPECT_EQ(status("GET", "/v1/jobs/old"), 200);
  EXPECT_EQ(body().at("state"), "promoted_to_stable");
  EXPECT_EQ(body().at("traffic"), 100);
  EXPECT_TRUE(body().at("next_check_at").is_null());
  EXPECT_TRUE(body().at("hold_remaining_s").is_null());
  EXPECT_EQ(status("GET", "/v1/jobs/old/readings"), 200);
  EXPECT_EQ(text, "{\"readings\":[]}\n");
}

TEST_F(control_routes_test, a_list_of_few_jobs_is_one_text) {
  add(canaryd::store::job_named("billing"));
  const auto answered = ask("GET", "/v1/jobs");
  EXPECT_FALSE(answered.more);
  const auto jobs = body().at("jobs").as_array();
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].at("job_id"), "billing");
  EXPECT_EQ(jobs[1].at("job_id"), "orders");
}

TEST_F(control_routes_test, a_list_of_no_jobs_is_empty) {
  live.clear();
  EXPECT_EQ(status("GET", "/v1/jobs"), 200);
  EXPECT_EQ(text, "{\"jobs\":[]}\n");
}

TEST_F(control_routes_test, a_list_of_many_jobs_comes_in_pieces_while_jobs_come_and_go) {
  for (int i = 0; i < 250; ++i)
    live.emplace("a" + std::to_string(i), canaryd::store::job_named("a" + std::to_string(i)));
  const auto answered = ask("GET", "/v1/jobs");
  ASSERT_TRUE(answered.more);
  live.erase("a99");
  live.erase("orders");
  auto whole = text;
  for (auto piece = answered.more(); !piece.empty(); piece = answered.more()) {
    EXPECT_LT(piece.size(), 200'000U);
    whole += piece;
  }
  EXPECT_EQ(json::parse(whole).at("jobs").as_array().size(), 249U);
  EXPECT_EQ(answered.more(), "");
}

TEST_F(control_routes_test, readings_are_shown_with_value_limit_and_verdict) {
  canaryd::store::transition made{live.at("orders").canary, {}, {}};
  auto taken = support::full_reading();
  taken.metrics.front() = {"error_rate", 0.0625, 0.05, judge::verdict::breach};
  taken.problem.clear();
  made.readings = {{1, std::move(taken)}};
  get(store->commit(std::move(made)));
  EXPECT_EQ(status("GET", "/v1/jobs/orders/readings"), 200);
  EXPECT_EQ(
      text,
      R"({"readings":[{"at":"2023-11-14T22:13:21.250Z","verdict":"breach","source":"merged",)"
      R"("window_s":1020,"conversations":1234,"metrics":{)"
      R"("error_rate":{"value":0.0625,"limit":0.05,"worse":"higher","verdict":"breach"},)"
      R"("satisfaction_score":{"value":null,"limit":3.5,"worse":"lower","verdict":"no_data"}}}]})"
      "\n");
}

TEST_F(control_routes_test, a_command_is_given_with_who_gave_it_and_what_they_believe) {
  EXPECT_EQ(status("POST", "/v1/jobs/orders/promote",
                   R"({"expect_state":"observing","expect_step":2,"reason":"go","force":true})"),
            200);
  EXPECT_EQ(commanded, "orders");
  EXPECT_EQ(command_given.what, canary::command_kind::promote);
  EXPECT_EQ(command_given.actor, "ada(1000)");
  EXPECT_EQ(command_given.expect_state, "observing");
  EXPECT_EQ(command_given.expect_step, 2);
  EXPECT_EQ(command_given.reason, "go");
  EXPECT_TRUE(command_given.force);
  EXPECT_EQ(body().at("job_id"), "orders");
}

TEST_F(control_routes_test, a_command_needs_no_body) {
  const std::vector<std::pair<std::string, canary::command_kind>> words{
      {"abort", canary::command_kind::abort},
      {"pause", canary::command_kind::pause},
      {"resume", canary::command_kind::resume},
      {"approve", canary::command_kind::approve},
      {"promote", canary::command_kind::promote}};
  for (const auto& [word, kind] : words) {
    EXPECT_EQ(status("POST", "/v1/jobs/orders/" + word), 200);
    EXPECT_EQ(command_given.what, kind);
    EXPECT_FALSE(command_given.expect_state);
    EXPECT_FALSE(command_given.expect_step);
    EXPECT_FALSE(command_given.force);
  }
}

TEST_F(control_routes_test, a_command_with_a_body_that_is_not_understood_is_not_given) {
  for (const std::string bad :
       {"[]", "{", "nonsense", R"({"expect_sate":"observing"})", R"({"expect_state":1})",
        R"({"expect_state":"Observing!"})", R"({"expect_step":0})", R"({"expect_step":1.5})",
        R"({"force":"yes"})", R"({"force":true,"force":true})", R"({"reason":7})"}) {
    EXPECT_EQ(status("POST", "/v1/jobs/orders/abort", bad), 400) << bad;
    EXPECT_FALSE(body().at("errors").as_array().empty()) << bad;
  }
  EXPECT_EQ(
      status("POST", "/v1/jobs/orders/abort", R"({"reason":")" + std::string(501, 'x') + R"("})"),
      400);
  EXPECT_TRUE(commanded.empty());
}

TEST_F(control_routes_test, what_became_of_a_command_is_told) {
  outcome = {canary::command_effect::already, "", canary::canary_state::observing};
  EXPECT_EQ(status("POST", "/v1/jobs/orders/resume"), 200);
  outcome = {canary::command_effect::refused, "it is at step 3", canary::canary_state::promoting};
  EXPECT_EQ(status("POST", "/v1/jobs/orders/approve"), 409);
  EXPECT_EQ(text, R"({"error":"refused","detail":"it is at step 3","state":"promoting"})"
                  "\n");
  outcome = {canary::command_effect::not_written, "disk full", canary::canary_state::observing};
  EXPECT_EQ(status("POST", "/v1/jobs/orders/abort"), 503);
  EXPECT_EQ(body().at("error"), "not_written");
  outcome = {canary::command_effect::unknown_job, "", canary::canary_state::queued};
  EXPECT_EQ(status("POST", "/v1/jobs/nowhere/abort"), 404);
  EXPECT_EQ(body().at("error"), "unknown_job");
}

TEST_F(control_routes_test, a_command_for_an_ended_job_is_refused_with_its_state) {
  add_ended("old", canary::canary_state::rolled_back);
  outcome.effect = canary::command_effect::unknown_job;
  EXPECT_EQ(status("POST", "/v1/jobs/old/abort"), 409);
  EXPECT_EQ(body().at("state"), "rolled_back");
}

TEST_F(control_routes_test, what_an_operator_ended_so_already_is_no_refusal) {
  add_ended("aborted", canary::canary_state::rolled_back, canary::reason::operator_abort);
  add_ended("promoted", canary::canary_state::promoted_to_stable, canary::reason::operator_promote);
  outcome.effect = canary::command_effect::unknown_job;
  EXPECT_EQ(status("POST", "/v1/jobs/aborted/abort"), 200);
  EXPECT_EQ(body().at("state"), "rolled_back");
  EXPECT_EQ(status("POST", "/v1/jobs/promoted/promote"), 200);
  EXPECT_EQ(status("POST", "/v1/jobs/aborted/promote"), 409);
  EXPECT_EQ(status("POST", "/v1/jobs/promoted/abort"), 409);
}

TEST_F(control_routes_test, an_approval_that_has_led_to_the_promote_is_no_refusal_when_repeated) {
  auto job = canaryd::store::job_named("approved");
  job.canary = canaryd::store::ended(job.canary, canary::canary_state::promoted_to_stable);
  job.canary.hold.approved = true;
  get(store->add(std::move(job)));
  add_ended("other", canary::canary_state::promoted_to_stable);
  outcome.effect = canary::command_effect::unknown_job;
  EXPECT_EQ(status("POST", "/v1/jobs/approved/approve"), 200);
  EXPECT_EQ(body().at("state"), "promoted_to_stable");
  EXPECT_EQ(status("POST", "/v1/jobs/other/approve"), 409);
}

TEST_F(control_routes_test, a_job_is_submitted_under_the_name_of_the_query) {
  EXPECT_EQ(status("POST", "/v1/jobs?name=or%64ers", "{…}"), 201);
  EXPECT_EQ(submitted_name, "orders");
  EXPECT_EQ(submitted_bytes, "{…}");
  EXPECT_EQ(body().at("job_id"), "orders");
}

TEST_F(control_routes_test, a_job_without_a_name_is_not_submitted) {
  for (const std::string target : {"/v1/jobs", "/v1/jobs?name=", "/v1/jobs?nam=orders"}) {
    EXPECT_EQ(status("POST", target, "{}"), 400) << target;
    EXPECT_TRUE(submitted_name.empty());
  }
}

TEST_F(control_routes_test, why_a_job_was_not_taken_is_told) {
  const std::vector<std::pair<submission_fault, int>> table{
      {submission_fault::bad_name, 400}, {submission_fault::rejected, 422},
      {submission_fault::conflict, 409}, {submission_fault::no_room, 503},
      {submission_fault::system, 503},   {submission_fault::waiting, 503}};
  for (const auto& [fault, expected] : table) {
    submitted = std::unexpected{submission_failure{fault, "because", {}}};
    EXPECT_EQ(status("POST", "/v1/jobs?name=orders", "{}"), expected);
    EXPECT_EQ(body().at("detail"), "because");
  }
}

TEST_F(control_routes_test, every_problem_of_a_rejected_file_is_told_with_its_place) {
  submitted = std::unexpected{submission_failure{
      submission_fault::rejected, "no job", {{"/version", "missing", 3, 9}, {"", "late", 0, 0}}}};
  EXPECT_EQ(status("POST", "/v1/jobs?name=orders", "{}"), 422);
  EXPECT_EQ(text, R"({"error":"rejected","detail":"no job","errors":[)"
                  R"({"pointer":"/version","message":"missing","line":3,"column":9},)"
                  R"({"pointer":"","message":"late","line":0,"column":0}]})"
                  "\n");
}

TEST_F(control_routes_test, every_command_is_logged_once_with_who_gave_it) {
  std::vector<std::string> lines;
  const log_listener heard{
      [&](severity, topic about, std::string_view line, std::span<const field> fields) {
        EXPECT_EQ(about, topic::command);
        lines.emplace_back(line);
        for (const auto& each : fields)
          lines.back() += fmt::format(" {}={}", each.key, each.value);
      }};
  status("POST", "/v1/jobs/orders/abort", R"({"reason":"it\nlies"})");
  submitted = std::unexpected{submission_failure{submission_fault::rejected, "no", {}}};
  status("POST", "/v1/jobs?name=%0Abad", "{}");
  status("GET", "/v1/jobs/orders");
  EXPECT_THAT(lines,
              testing::ElementsAre("abort by ada(1000) job=orders command=abort actor=ada(1000) "
                                   "comment=it?lies answer=200",
                                   "submit by ada(1000) job=?bad command=submit actor=ada(1000) "
                                   "comment= answer=422"));
}

TEST_F(control_routes_test, readiness_says_what_is_wrong) {
  EXPECT_EQ(status("GET", "/readyz"), 200);
  EXPECT_TRUE(body().at("ready").as_bool());
  present.checks.token = "no token from https://x/: 401";
  EXPECT_EQ(status("GET", "/readyz"), 503);
  EXPECT_FALSE(body().at("ready").as_bool());
  EXPECT_EQ(body().at("checks").at("token"), "no token from https://x/: 401");
  EXPECT_EQ(body().at("checks").at("jobs_resumed"), "ok");
  EXPECT_EQ(status("GET", "/healthz"), 200);
}

TEST_F(control_routes_test, a_deploy_that_cannot_be_looked_up_is_named_and_not_ready) {
  present.checks.deploys_known = "a deploy may be live and cannot be looked up: job orders";
  EXPECT_EQ(status("GET", "/readyz"), 503);
  EXPECT_EQ(body().at("checks").at("deploys_known"),
            "a deploy may be live and cannot be looked up: job orders");
}

TEST_F(control_routes_test, a_job_shows_whether_its_end_is_verified) {
  EXPECT_EQ(status("GET", "/v1/jobs/orders"), 200);
  EXPECT_TRUE(body().at("verified").is_null());
  for (const bool verified : {true, false}) {
    live.at("orders").canary.phase =
        canary::phases::clearing_up{{canary::canary_state::rolled_back, {}, verified}};
    EXPECT_EQ(status("GET", "/v1/jobs/orders"), 200);
    EXPECT_EQ(body().at("verified"), verified);
  }
}

TEST_F(control_routes_test, the_status_has_what_an_operator_looks_for_first) {
  present.uptime = 90min;
  present.jobs = {{"observing", 2}, {"queued", 1}};
  present.queued_records = 3;
  present.api = "API ok";
  present.token_age = 65s;
  present.listening = {"/run/c.sock"};
  EXPECT_EQ(status("GET", "/v1/status"), 200);
  const auto shown = body();
  EXPECT_EQ(shown.at("version"), CANARYD_VERSION);
  EXPECT_EQ(shown.at("uptime_s"), 5400);
  EXPECT_EQ(shown.at("jobs").at("observing"), 2);
  EXPECT_EQ(shown.at("queued_audit_records"), 3);
  EXPECT_EQ(shown.at("api"), "API ok");
  EXPECT_EQ(shown.at("token_age_s"), 65);
  EXPECT_EQ(shown.at("listening").at(0), "/run/c.sock");
  EXPECT_FALSE(shown.at("disk_alarm").as_bool());
}

TEST_F(control_routes_test, metrics_are_in_prometheus_format) {
  const auto answered = ask("GET", "/metrics");
  EXPECT_EQ(net::find_header(answered.answer.headers, "Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(text, "canaryd_jobs 1\n");
}

TEST_F(control_routes_test, events_of_one_job_can_be_asked_for) {
  const auto answered = ask("GET", "/v1/events?job=orders");
  ASSERT_TRUE(answered.events);
  EXPECT_EQ(net::find_header(answered.answer.headers, "Content-Type"), "text/event-stream");
  events.publish("state", "billing", "1");
  events.publish("state", "orders", "2");
  EXPECT_EQ(*time.await(answered.events->next(async::clock::now() + 1s)),
            "event: state\ndata: 2\n\n");
}

TEST_F(control_routes_test, one_listener_too_many_is_refused) {
  std::vector<control_answer> all;
  for (std::size_t i = 0; i < event_hub::max_listeners; ++i)
    all.push_back(ask("GET", "/v1/events"));
  EXPECT_EQ(status("GET", "/v1/events"), 503);
  EXPECT_EQ(body().at("error"), "too_many_streams");
}

}  // namespace
}  // namespace canaryd::daemon
