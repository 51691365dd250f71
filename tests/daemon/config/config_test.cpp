#include "canaryd/daemon/config/config.hpp"

#include "canaryd/text/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/schema.hpp"

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using text::problem_list;

constexpr std::string_view credentials = "/run/credentials/canaryd.service";
constexpr std::string_view smallest = R"({"api": {"client_id": "canaryd"}})";

problem_list problems_of(std::string_view text, std::string_view directory = credentials) {
  const auto parsed = parse_config(text, directory);
  return parsed ? problem_list{} : parsed.error();
}

auto problem_at(std::string_view pointer, std::string_view message) {
  return AllOf(Field(&text::problem::pointer, pointer),
               Field(&text::problem::message, HasSubstr(std::string{message})));
}

// The smallest configuration with one more key in `api`.
std::string with_api(std::string_view key, std::string_view value) {
  auto file = boost::json::parse(smallest);
  file.at_pointer("/api").get_object()[key] = boost::json::parse(value);
  return boost::json::serialize(file);
}

std::string with(std::string_view key, std::string_view value) {
  auto file = boost::json::parse(smallest);
  file.get_object()[key] = boost::json::parse(value);
  return boost::json::serialize(file);
}

TEST(config, what_is_left_out_has_the_documented_default) {
  const auto parsed = parse_config(smallest, credentials);
  ASSERT_TRUE(parsed);
  const auto& api = parsed->api();
  EXPECT_EQ(api.base_url, "https://app.cognigy.ai/api/v1");
  EXPECT_EQ(api.token_url, "https://app.cognigy.ai/oauth/token");
  EXPECT_EQ(api.client_id, "canaryd");
  EXPECT_EQ(api.client_id_file, "");
  EXPECT_EQ(api.client_secret_file, "/run/credentials/canaryd.service/client_secret");
  EXPECT_EQ(api.webhook_secret_file, "/run/credentials/canaryd.service/webhook_secret");
  EXPECT_TRUE(api.webhook_secret_is_optional);
  EXPECT_THAT(api.scopes,
              ElementsAre("bot:deploy", "metrics:read", "webhook:manage", "audit:write"));
  EXPECT_EQ(api.ca_file, "");
  EXPECT_EQ(api.proxy, "");
  EXPECT_EQ(api.connect_timeout, 5s);
  EXPECT_EQ(api.request_timeout, 30s);
  EXPECT_EQ(api.max_connections, 32U);
  EXPECT_EQ(api.rate_limit, (platform::deployments::rate_limit{.requests = 1000, .per = 5min}));
  EXPECT_EQ(api.window_unit, 'm');
  EXPECT_EQ(api.fallback_metrics_url, "");
  EXPECT_EQ(api.calls, platform::deployments::call_table{});
  EXPECT_EQ(parsed->jobs_dir, "/var/spool/canaryd");
  EXPECT_EQ(parsed->state_dir, "/var/lib/canaryd");
  EXPECT_EQ(parsed->control_socket, "/run/canaryd/control.sock");
  EXPECT_EQ(parsed->http_listen, std::nullopt);
  EXPECT_EQ(parsed->audit, (audit_config{.file = "/var/log/canaryd/audit.jsonl",
                                         .sinks = {delivery::audit_sink::api}}));
  EXPECT_EQ(parsed->log, (log_config{.level = "info", .target = "auto"}));
  EXPECT_EQ(parsed->limits, (limits_config{.min_interval = 5s,
                                           .max_active_jobs = 100'000,
                                           .max_stretch = 4,
                                           .max_job_series = 1000}));
  EXPECT_TRUE(parsed->defaults.empty());
  EXPECT_EQ(parsed->retention, 90 * 24h);
}

TEST(config, the_example_has_every_key_and_only_defaults) {
  const auto text = support::read_text(support::config_path("canaryd.json"));
  const auto parsed = parse_config(text, credentials);
  ASSERT_TRUE(parsed) << text::describe(parsed.error().front(), "canaryd.json");
  EXPECT_EQ(*parsed, *parse_config(smallest, credentials));

  const auto document = text::parse_operator_json(text, max_config_bytes)->root;
  for (const auto& place :
       support::places_of(support::read_schema("canaryd.schema.json"), document)) {
    // These two are empty in the example.
    if (place.parent == "/defaults" || place.parent == "/api/calls")
      continue;
    boost::json::error_code absent;
    EXPECT_NE(document.find_pointer(place.pointer(), absent), nullptr) << place.pointer();
  }
}

TEST(config, every_key_is_read) {
  const auto parsed = parse_config(R"({
    "api": {
      "base_url": "http://127.0.0.1:8443/api/v1/", "token_url": "http://localhost/token",
      "client_id_file": "/etc/id", "client_secret_file": "/etc/secret",
      "webhook_secret_file": "/etc/webhook", "scopes": ["one"], "ca_file": "/etc/ca.pem",
      "proxy": "http://proxy:3128", "connect_timeout": 1, "request_timeout": "2s",
      "max_connections": 3, "rate_limit": {"requests": 4, "per": "1m"}, "window_unit": "s",
      "fallback_metrics_url": "https://example.com/m?x=1",
      "calls": {"rollback": {"path": "/r/{deployment_id}"}, "promote": {"method": "PUT"}}
    },
    "jobs_dir": "/j", "state_dir": "/s", "control_socket": "/c", "http_listen": "[::1]:9464",
    "audit": {"file": "/a/b.jsonl", "sinks": ["file", "api"]},
    "log": {"level": "debug", "target": "stderr"},
    "limits": {"min_interval": "250ms", "max_active_jobs": 5, "max_stretch": 1.5, "max_job_series": 0},
    "defaults": {"failure_limit": 2}, "retention": "30d"
  })",
                                   "");
  ASSERT_TRUE(parsed) << text::describe(parsed.error().front(), "test");
  config expected;
  expected.api() = {.base_url = "http://127.0.0.1:8443/api/v1",
                    .token_url = "http://localhost/token",
                    .client_id = "",
                    .client_id_file = "/etc/id",
                    .client_secret_file = "/etc/secret",
                    .webhook_secret_file = "/etc/webhook",
                    .webhook_secret_is_optional = false,
                    .scopes = {"one"},
                    .ca_file = "/etc/ca.pem",
                    .proxy = "http://proxy:3128",
                    .connect_timeout = 1s,
                    .request_timeout = 2s,
                    .max_connections = 3,
                    .rate_limit = {.requests = 4, .per = 1min},
                    .window_unit = 's',
                    .fallback_metrics_url = "https://example.com/m?x=1",
                    .calls = {}};
  expected.api().calls[platform::call::rollback].path = "/r/{deployment_id}";
  expected.api().calls[platform::call::promote].method = "PUT";
  expected.jobs_dir = "/j";
  expected.state_dir = "/s";
  expected.control_socket = "/c";
  expected.http_listen = {.host = "::1", .port = 9464};
  expected.audit = {.file = "/a/b.jsonl",
                    .sinks = {delivery::audit_sink::file, delivery::audit_sink::api}};
  expected.log = {.level = "debug", .target = "stderr"};
  expected.limits = {
      .min_interval = 250ms, .max_active_jobs = 5, .max_stretch = 1.5, .max_job_series = 0};
  expected.defaults = {{"failure_limit", 2}};
  expected.retention = 30 * 24h;
  EXPECT_EQ(*parsed, expected);
}

TEST(config, platforms_stand_side_by_side) {
  const auto parsed = parse_config(R"({
    "api": {"client_id": "one"},
    "platforms": {"eu": {"driver": "deployments", "base_url": "https://eu.example.com",
                         "window_unit": "s"}}})",
                                   credentials);
  ASSERT_TRUE(parsed) << text::describe(parsed.error().front(), "test");
  ASSERT_EQ(parsed->platforms.size(), 2U);
  EXPECT_EQ(parsed->api().client_id, "one");
  const auto& eu = parsed->platforms.at("eu");
  EXPECT_EQ(eu.place, "platforms.eu");
  EXPECT_EQ(eu.base_url, "https://eu.example.com");
  EXPECT_EQ(eu.token_url, "https://app.cognigy.ai/oauth/token");
  EXPECT_EQ(eu.client_id_file, std::string{credentials} + "/eu.client_id");
  EXPECT_EQ(eu.client_secret_file, std::string{credentials} + "/eu.client_secret");
  EXPECT_EQ(eu.webhook_secret_file, std::string{credentials} + "/eu.webhook_secret");
  EXPECT_EQ(usual_platform(*parsed), "default");
  const auto rules = make_job_rules(*parsed, true);
  EXPECT_EQ(rules.platforms.at("default").window_unit, 1min);
  EXPECT_EQ(rules.platforms.at("eu").window_unit, 1s);
}

TEST(config, api_may_be_left_out_where_there_is_another_platform) {
  const auto parsed =
      parse_config(R"({"platforms": {"eu": {"driver": "deployments"}}})", credentials);
  ASSERT_TRUE(parsed) << text::describe(parsed.error().front(), "test");
  EXPECT_EQ(parsed->platforms.size(), 1U);
  EXPECT_EQ(usual_platform(*parsed), "eu");
  EXPECT_THAT(problems_of(R"({"platforms": {}})"), ElementsAre(problem_at("/api", "missing")));
}

TEST(config, a_platform_has_a_name_of_its_own_and_a_driver_that_is_known) {
  EXPECT_THAT(problems_of(with("platforms", R"({"default": {"driver": "deployments"}})")),
              ElementsAre(problem_at("/platforms/default", "api is the platform of that name")));
  EXPECT_THAT(problems_of(with("platforms", R"({"EU": {"driver": "deployments"}})")),
              ElementsAre(problem_at("/platforms/EU", "the name of a platform")));
  EXPECT_THAT(problems_of(with("platforms", R"({"eu": {"driver": "splitter"}})")),
              ElementsAre(problem_at("/platforms/eu/driver", "deployments")));
  EXPECT_THAT(problems_of(with("platforms", R"({"eu": {}})")),
              ElementsAre(problem_at("/platforms/eu/driver", "missing")));
  EXPECT_THAT(problems_of(with("platforms", R"({"eu": {"driver": "deployments", "url": "x"}})")),
              ElementsAre(problem_at("/platforms/eu/url", "unknown key")));
}

TEST(config, rules_for_job_files_come_from_it) {
  const auto parsed = parse_config(with("defaults", R"({"failure_limit": 2})"), credentials);
  ASSERT_TRUE(parsed);
  const auto rules = make_job_rules(*parsed, true);
  EXPECT_EQ(rules.min_interval, 5s);
  EXPECT_EQ(rules.window_unit, 1min);
  EXPECT_TRUE(rules.webhook_secret_configured);
  EXPECT_EQ(rules.defaults, parsed->defaults);
}

TEST(config, defaults_are_held_to_the_unit_of_the_window) {
  auto file = boost::json::parse(with("defaults", R"({"validation_interval": 90,
                                                      "analysis": {"method": "sequential"}})"));
  EXPECT_THAT(problems_of(boost::json::serialize(file)),
              ElementsAre(problem_at("/defaults/validation_interval", "api.window_unit")));
  file.at("api").as_object()["window_unit"] = "s";
  EXPECT_THAT(problems_of(boost::json::serialize(file)), ElementsAre());
  EXPECT_EQ(
      make_job_rules(*parse_config(boost::json::serialize(file), credentials), true).window_unit,
      1s);
}

TEST(config, one_client_id_is_required) {
  EXPECT_THAT(problems_of("{}"), ElementsAre(problem_at("/api", "missing")));
  EXPECT_THAT(problems_of(R"({"api": {"client_secret_file": "/etc/secret"}})", ""),
              ElementsAre(problem_at("/api/client_id", "client_id or client_id_file")));
  EXPECT_THAT(problems_of(with_api("client_id_file", R"("/etc/id")")),
              ElementsAre(problem_at("/api/client_id_file", "one of client_id and")));
}

TEST(config, the_client_id_is_a_credential_of_systemd_unless_it_is_named) {
  const auto parsed = parse_config(R"({"api": {}})", credentials);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->api().client_id_file, "/run/credentials/canaryd.service/client_id");
  EXPECT_EQ(parse_config(smallest, credentials)->api().client_id_file, "");
}

TEST(config, no_more_problems_are_shown_than_a_person_would_read) {
  std::string unknown = "\"x\": 0";
  for (std::size_t i = 1; i < text::max_problems; ++i)
    unknown += fmt::format(", \"x{}\": 0", i);
  const auto problems =
      problems_of(fmt::format(R"({{"api": {{{}}}, "defaults": {{{}}}}})", unknown, unknown));
  EXPECT_THAT(problems, SizeIs(text::max_problems + 1));
  EXPECT_THAT(problems.back().message, HasSubstr("there may be more"));
}

TEST(config, without_credentials_of_systemd_the_secret_file_must_be_named) {
  EXPECT_THAT(problems_of(smallest, ""),
              ElementsAre(problem_at("/api/client_secret_file", "missing")));
  const auto named = parse_config(with_api("client_secret_file", R"("/etc/secret")"), "");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->api().client_secret_file, "/etc/secret");
  EXPECT_EQ(named->api().webhook_secret_file, "");
}

TEST(config, a_plain_secret_is_refused_and_not_shown) {
  for (const auto* key : {"client_secret", "webhook_secret"}) {
    const auto problems = problems_of(with_api(key, R"("hunter2")"));
    EXPECT_THAT(problems,
                ElementsAre(problem_at(std::string{"/api/"} + key, std::string{key} + "_file")));
    EXPECT_THAT(problems.front().message, Not(HasSubstr("hunter2")));
  }
  const auto url =
      problems_of(with_api("base_url", R"("https://me:hunter2@example.com/?k=hunter2")"));
  ASSERT_THAT(url, SizeIs(1));
  EXPECT_THAT(url.front().message, Not(HasSubstr("hunter2")));
}

TEST(config, plain_http_goes_to_loopback_only) {
  for (const auto* key : {"base_url", "token_url", "fallback_metrics_url"}) {
    EXPECT_THAT(problems_of(with_api(key, R"("http://127.0.0.1:1/x")")), SizeIs(0)) << key;
    EXPECT_THAT(problems_of(with_api(key, R"("http://example.com/x")")), SizeIs(1)) << key;
  }
}

TEST(config, paths_of_calls_are_checked) {
  EXPECT_THAT(problems_of(with_api("calls", R"({"rolback": {}})")),
              ElementsAre(problem_at("/api/calls/rolback", R"("rollback")")));
  EXPECT_THAT(problems_of(with_api("calls", R"({"token": {"path": "/x"}})")), SizeIs(1));
  EXPECT_THAT(problems_of(with_api("calls", R"({"deploy": {"path": "x"}})")),
              ElementsAre(problem_at("/api/calls/deploy", "start with /")));
  EXPECT_THAT(problems_of(with_api("calls", R"({"deploy": {"path": "/{deployment_id}"}})")),
              ElementsAre(problem_at("/api/calls/deploy", "deployment_id")));
  EXPECT_THAT(problems_of(with_api("calls", R"({"versions": {"method": "GET"}})")), SizeIs(1));
}

TEST(config, the_socket_name_must_fit_the_kernel) {
  EXPECT_THAT(problems_of(with("control_socket", '"' + ("/" + std::string(106, 'a')) + '"')),
              SizeIs(0));
  EXPECT_THAT(problems_of(with("control_socket", '"' + ("/" + std::string(107, 'a')) + '"')),
              ElementsAre(problem_at("/control_socket", "at most 107 bytes")));
}

TEST(config, jobs_and_state_are_kept_apart) {
  EXPECT_THAT(problems_of(with("state_dir", R"("/var/spool/canaryd")")),
              ElementsAre(problem_at("/state_dir", "the same as jobs_dir")));
}

TEST(config, an_address_to_listen_on_is_a_literal_with_a_port) {
  for (const auto* refused :
       {R"("localhost:9464")", R"("127.0.0.1")", R"("127.0.0.1:")", R"(":9464")",
        R"("127.0.0.1:65536")", R"("256.0.0.1:1")", R"("::1:9464")", R"("[127.0.0.1]:1")", "9464"})
    EXPECT_THAT(problems_of(with("http_listen", refused)),
                ElementsAre(problem_at("/http_listen", "address:port")))
        << refused;
}

TEST(config, defaults_for_jobs_are_checked_with_places_in_the_configuration) {
  const auto problems = problems_of(R"({
  "api": {"client_id": "canaryd"},
  "defaults": {
    "failure_limit": 0,
    "bot_id": "x"
  },
})");
  EXPECT_THAT(problems, ElementsAre(problem_at("/defaults/failure_limit", "found 0"),
                                    problem_at("/defaults/bot_id", "has no default")));
  EXPECT_EQ(text::describe(problems.front(), "canaryd.json"),
            "canaryd.json:4:22: /defaults/failure_limit: found 0, allowed is a whole number from 1 "
            "to 1000");
}

TEST(config, audit_records_go_to_sinks_that_there_are) {
  const auto of = [](std::string_view audit) { return problems_of(with("audit", audit)); };
  EXPECT_THAT(of(R"({"sinks": ["file"]})"), testing::IsEmpty());
  EXPECT_THAT(of(R"({"sinks": []})"), SizeIs(1));
  EXPECT_THAT(of(R"({"sinks": ["syslog"]})"),
              ElementsAre(problem_at("/audit/sinks/0", R"(allowed is one of "api", "file")")));
  EXPECT_THAT(of(R"({"sinks": ["file", "file"]})"),
              ElementsAre(problem_at("/audit/sinks", "the same sink twice")));
  EXPECT_THAT(of(R"({"file": "audit.jsonl"})"),
              ElementsAre(problem_at("/audit/file", "absolute path")));
  EXPECT_THAT(of(R"({"file": "/var/log/"})"),
              ElementsAre(problem_at("/audit/file", "the name of a folder")));
}

TEST(config, unknown_and_duplicate_keys_are_refused_all_at_once) {
  EXPECT_THAT(problems_of(R"({
    "api": {"client_id": "canaryd", "timeout": 3, "base_urls": "x"},
    "job_dir": "/x",
    "log": {"level": "info", "level": "loud"}
  })"),
              ElementsAre(problem_at("/api/timeout", "unknown key"),
                          problem_at("/api/base_urls", R"("base_url")"),
                          problem_at("/job_dir", R"("jobs_dir")"),
                          problem_at("/log/level", "duplicate key"),
                          problem_at("/log/level", R"(found "loud", allowed is one of "debug")")));
}

TEST(config, files_that_are_no_json_object_are_refused) {
  for (const auto* text : {"", "[]", "{", "null", "\xFF"})
    EXPECT_THAT(problems_of(text), SizeIs(1)) << text;
  EXPECT_THAT(problems_of(std::string(100'000, '{')), SizeIs(1));
  EXPECT_THAT(problems_of(std::string(max_config_bytes + 1, ' ')), SizeIs(1));
}

}  // namespace
}  // namespace canaryd::daemon
