#include "canaryd/core/job_file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace canaryd::core {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view smallest = R"({
  "bot_id": "bot_abc123", "environment_id": "env_prod_456", "version": "2.1.0-canary",
  "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10
})";

const job_rules rules{.min_interval = 5s, .webhook_secret_configured = true, .defaults = {}};

// The smallest file with one value set, or, where `value` is empty, taken away.
std::string with(std::string_view pointer, std::string_view value) {
  auto file = boost::json::parse(smallest);
  const auto slash = pointer.rfind('/');
  const auto parent = pointer.substr(0, slash);
  const auto key = pointer.substr(slash + 1);
  if (!parent.empty() && !file.get_object().contains(parent.substr(1)))
    file.get_object()[parent.substr(1)] = boost::json::object{};
  auto& object = file.at_pointer(parent).get_object();
  if (value.empty())
    object.erase(key);
  else
    object[key] = "THE VALUE";
  auto text = boost::json::serialize(file);
  // As text, since not every value survives being parsed and written.
  if (const auto place = text.find(R"("THE VALUE")"); place != std::string::npos)
    text.replace(place, std::string_view{R"("THE VALUE")"}.size(), value);
  return text;
}

problem_list problems_of(std::string_view text, const job_rules& with_rules = rules) {
  const auto parsed = parse_job_file(text, with_rules);
  return parsed ? problem_list{} : parsed.error();
}

auto problem_at(std::string_view pointer, std::string_view message) {
  return AllOf(Field(&problem::pointer, pointer),
               Field(&problem::message, HasSubstr(std::string{message})));
}

std::string read_example(const std::string& name) {
  std::ifstream file{CANARYD_SOURCE_DIR "/config/jobs/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(job_file, what_is_left_out_has_the_documented_default) {
  const auto parsed = parse_job_file(smallest, rules);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->bot_id, "bot_abc123");
  EXPECT_EQ(parsed->environment_id, "env_prod_456");
  EXPECT_EQ(parsed->version, "2.1.0-canary");
  EXPECT_THAT(parsed->steps, ElementsAre(traffic_step{.canary_percent = 5, .hold = 900s}));
  EXPECT_EQ(parsed->stable_percent, 95);
  EXPECT_EQ(parsed->max_traffic_percentage, 10);
  EXPECT_EQ(parsed->rollback_thresholds.error_rate, 0.05);
  EXPECT_EQ(parsed->rollback_thresholds.satisfaction_score, 3.5);
  EXPECT_EQ(parsed->rollback_thresholds.max_latency_ms, 2000);
  EXPECT_TRUE(parsed->enable_metric_aggregation);
  EXPECT_EQ(parsed->webhook_url, "");
  EXPECT_EQ(parsed->validation_interval, 60s);
  EXPECT_EQ(parsed->validation_duration, 900s);
  EXPECT_EQ(parsed->window, 15min);
  EXPECT_EQ(parsed->min_conversations, 50);
  EXPECT_EQ(parsed->failure_limit, 1);
  EXPECT_EQ(parsed->no_data_limit, 0);
  EXPECT_EQ(parsed->provider_error_limit, 10);
  EXPECT_EQ(parsed->on_inconclusive, inconclusive_rule::extend);
  EXPECT_EQ(parsed->max_extension, 900s);
  EXPECT_EQ(parsed->gate_timeout, 24h);
  EXPECT_TRUE(parsed->labels.empty());
}

TEST(job_file, every_key_is_read) {
  const auto parsed = parse_job_file(read_example("full.json"), rules);
  ASSERT_TRUE(parsed) << describe(parsed.error().front(), "full.json");
  const job expected{
      .bot_id = "bot_abc123",
      .environment_id = "env_prod_456",
      .version = "2.1.0-canary",
      .steps = {{.canary_percent = 10, .hold = 30min}},
      .stable_percent = 90,
      .max_traffic_percentage = 10,
      .rollback_thresholds = {.error_rate = 0.02, .satisfaction_score = 4, .max_latency_ms = 1200},
      .enable_metric_aggregation = true,
      .webhook_url = "https://ci-cd.example.com/hooks/cognigy-canary",
      .validation_interval = 30s,
      .validation_duration = 30min,
      .window = 15min,
      .min_conversations = 100,
      .failure_limit = 2,
      .no_data_limit = 0,
      .provider_error_limit = 10,
      .on_inconclusive = inconclusive_rule::extend,
      .max_extension = 1h,
      .gate_timeout = 24h,
      .labels = {{"team", "conversational-ai"}, {"pipeline", "4711"}}};
  EXPECT_EQ(*parsed, expected);
}

TEST(job_file, the_minimal_example_is_valid) {
  const auto parsed = parse_job_file(read_example("minimal.json"), rules);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->validation_interval, 30s);
  EXPECT_EQ(parsed->validation_duration, 300s);
  EXPECT_EQ(parsed->max_extension, 300s);
  EXPECT_EQ(parsed->steps.front().hold, 300s);
  EXPECT_EQ(parsed->rollback_thresholds.max_latency_ms, 1500);
}

TEST(job_file, words_and_flags_are_read) {
  EXPECT_EQ(parse_job_file(with("/on_inconclusive", R"("rollback")"), rules)->on_inconclusive,
            inconclusive_rule::rollback);
  EXPECT_EQ(parse_job_file(with("/on_inconclusive", R"("promote")"), rules)->on_inconclusive,
            inconclusive_rule::promote);
  EXPECT_FALSE(parse_job_file(with("/enable_metric_aggregation", "false"), rules)
                   ->enable_metric_aggregation);
  EXPECT_EQ(parse_job_file(with("/window_minutes", "5.0"), rules)->window, 5min);
}

struct bound {
  std::string_view pointer;
  std::vector<std::string_view> allowed;
  std::vector<std::string_view> refused;
};

std::ostream& operator<<(std::ostream& out, const bound& tested) {
  return out << tested.pointer;
}

class job_file_bounds : public testing::TestWithParam<bound> {};

TEST_P(job_file_bounds, are_the_documented_ones) {
  const auto& [pointer, allowed, refused] = GetParam();
  for (const auto value : allowed)
    EXPECT_THAT(problems_of(with(pointer, value)), SizeIs(0)) << pointer << " " << value;
  for (const auto value : refused)
    EXPECT_THAT(problems_of(with(pointer, value)), ElementsAre(problem_at(pointer, "allowed is")))
        << pointer << " " << value;
}

constexpr std::string_view text_128 =
    R"("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllll12345678")";
constexpr std::string_view text_129 =
    R"("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllll123456789")";

const std::vector<std::string_view> identifiers{R"("a")", R"("A-b_c.d:e+f9")", text_128};
const std::vector<std::string_view> no_identifiers{R"("")",
                                                   text_129,
                                                   R"("a b")",
                                                   R"("a/b")",
                                                   R"("../../etc/passwd")",
                                                   R"("a\\b")",
                                                   R"("a\u0000")",
                                                   R"("a\n")",
                                                   R"("ä")",
                                                   R"("%2e%2e")",
                                                   R"("{bot_id}")",
                                                   R"("a?b")",
                                                   "1",
                                                   "null",
                                                   "true",
                                                   "[]",
                                                   "{}"};

INSTANTIATE_TEST_SUITE_P(
    all, job_file_bounds,
    testing::Values(
        bound{"/bot_id", identifiers, no_identifiers},
        bound{"/environment_id", identifiers, no_identifiers},
        bound{"/version", identifiers, no_identifiers},
        bound{"/traffic_matrix", {}, {"null", "5", "[95, 5]", R"("95/5")"}},
        bound{"/traffic_matrix/stable", {"95", "94.9", "95.1"}, {"-1", "101", R"("95")", "null"}},
        bound{"/traffic_matrix/canary", {"5", "4.9", "5.1"}, {"0", "-5", "101", R"("5%")", "null"}},
        bound{"/max_traffic_percentage",
              {"5", "100", "99.9"},
              {"0.99", "100.1", "0", "-1", "1e400", R"("10")", "null", "true"}},
        bound{"/rollback_thresholds", {"{}"}, {"null", "0.05", "[]"}},
        bound{"/rollback_thresholds/error_rate",
              {"0", "1", "0.05"},
              {"-0.01", "1.01", "5", R"("5%")"}},
        bound{
            "/rollback_thresholds/satisfaction_score", {"0", "5", "3.5"}, {"-0.1", "5.1", "null"}},
        bound{"/rollback_thresholds/max_latency_ms",
              {"0.001", "1", "1e9"},
              {"0", "-1", "1e400", R"("1500ms")"}},
        bound{"/enable_metric_aggregation", {"true", "false"}, {"0", "1", R"("true")", "null"}},
        bound{"/webhook_url",
              {R"("https://example.com/hook?x=1")", R"("http://127.0.0.1:8080/")"},
              {R"("")", R"("example.com")", R"("http://example.com/")",
               R"("https://a:b@example.com/")", R"("file:///etc/passwd")", "null", "1"}},
        bound{"/validation_interval",
              {"5", "900", R"("5s")", R"("15m")", "5.5"},
              {"4.999", R"("4s999ms")", "0", "-1", R"("")", R"("30")", R"("30 s")", R"("31d")",
               "2592001", "1e400", "null", "true", "{}"}},
        bound{"/validation_duration",
              {"60", "2592000", R"("30d")", R"("1h30m")"},
              {"0", "-1", "2592001", R"("30d1ms")", R"("31d")", R"("forever")", "null", "59.9"}},
        bound{"/window_minutes",
              {"1", "1440", "15.0"},
              {"0", "1441", "1.5", "-1", R"("15m")", "null"}},
        bound{"/min_conversations",
              {"0", "1000000000", "1e9"},
              {"-1", "1000000001", "0.5", R"("50")"}},
        bound{"/failure_limit", {"1", "1000"}, {"0", "1001", "1.5", "-1", R"("1")", "null"}},
        bound{"/no_data_limit", {"0", "1000"}, {"-1", "1001", "0.5", "null"}},
        bound{"/provider_error_limit",
              {"1", "1000"},
              {"0", "1001", "18446744073709551615", "-9223372036854775808", "null"}},
        bound{"/on_inconclusive",
              {R"("extend")", R"("rollback")", R"("promote")"},
              {R"("Extend")", R"("")", "null", "0"}},
        bound{"/max_extension", {"0", "1", R"("30d")"}, {"-1", R"("31d")", "null"}},
        bound{"/gate_timeout",
              {"0.001", R"("1ms")", R"("30d")"},
              {"0", R"("0s")", R"("31d")", "null"}},
        bound{"/labels", {"{}"}, {"null", "[]", R"("a=b")"}},
        bound{"/labels/team", {R"("a")", R"("grün")"}, {R"("")", R"("a\nb")", "1", "null"}}),
    [](const auto& instance) {
      std::string name{instance.param.pointer.substr(1)};
      std::ranges::replace(name, '/', '_');
      return name;
    });

TEST(job_file, required_keys_must_be_there) {
  for (const auto* key :
       {"/bot_id", "/environment_id", "/version", "/traffic_matrix", "/traffic_matrix/stable",
        "/traffic_matrix/canary", "/max_traffic_percentage"})
    EXPECT_THAT(problems_of(with(key, "")), ElementsAre(problem_at(key, "missing"))) << key;
}

TEST(job_file, shares_sum_to_100_give_or_take_a_tenth) {
  EXPECT_THAT(problems_of(with("/traffic_matrix", R"({"stable": 94.9, "canary": 5})")), SizeIs(0));
  EXPECT_THAT(problems_of(with("/traffic_matrix", R"({"stable": 95.1, "canary": 5})")), SizeIs(0));
  EXPECT_THAT(problems_of(with("/traffic_matrix", R"({"stable": 94.8, "canary": 5})")),
              ElementsAre(problem_at("/traffic_matrix", "sum to 99.8, allowed is 100")));
  EXPECT_THAT(problems_of(with("/traffic_matrix", R"({"stable": 95.2, "canary": 5})")),
              ElementsAre(problem_at("/traffic_matrix", "sum to 100.2")));
}

TEST(job_file, fractions_for_percentages_are_recognised) {
  for (const auto* shares :
       {R"({"stable": 0.95, "canary": 0.05})", R"({"stable": 0, "canary": 1})"})
    EXPECT_THAT(problems_of(with("/traffic_matrix", shares)),
                ElementsAre(problem_at("/traffic_matrix", "percentages are meant, not fractions")));
}

TEST(job_file, a_share_over_the_maximum_is_refused) {
  EXPECT_THAT(
      problems_of(with("/traffic_matrix", R"({"stable": 89.9, "canary": 10.1})")),
      ElementsAre(problem_at("/traffic_matrix/canary",
                             "found 10.1, allowed is at most max_traffic_percentage, here 10")));
  EXPECT_THAT(problems_of(with("/traffic_matrix", R"({"stable": 90, "canary": 10})")), SizeIs(0));
}

TEST(job_file, a_duration_shorter_than_the_interval_is_refused) {
  EXPECT_THAT(
      problems_of(with("/validation_interval", "901")),
      ElementsAre(problem_at("/validation_duration",
                             "found 15m, allowed is at least validation_interval, here 15m1s")));
}

TEST(job_file, an_interval_left_out_is_still_held_against_the_shortest_allowed) {
  EXPECT_THAT(problems_of(smallest, {.min_interval = 61s, .defaults = {}}),
              ElementsAre(problem_at("/validation_interval", "its default of 1m")));
}

TEST(job_file, a_webhook_needs_a_configured_secret) {
  EXPECT_THAT(problems_of(with("/webhook_url", R"("https://example.com/")"),
                          {.webhook_secret_configured = false, .defaults = {}}),
              ElementsAre(problem_at("/webhook_url", "api.webhook_secret_file")));
}

TEST(job_file, a_refused_url_is_shown_without_its_secrets) {
  const auto problems =
      problems_of(with("/webhook_url", R"("https://user:hunter2@example.com/?token=hunter2")"));
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems.front().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(problems.front().message, HasSubstr("https://example.com/"));
}

TEST(job_file, unknown_keys_name_the_nearest_known_one) {
  EXPECT_THAT(problems_of(with("/failure_limt", "1")),
              ElementsAre(problem_at("/failure_limt", R"("failure_limit")")));
  EXPECT_THAT(problems_of(with("/rollback_thresholds/max_latency", "1")),
              ElementsAre(problem_at("/rollback_thresholds/max_latency", R"("max_latency_ms")")));
  EXPECT_THAT(problems_of(with("/traffic_matrix/Canary", "5")),
              ElementsAre(problem_at("/traffic_matrix/Canary", R"("canary")")));
  EXPECT_THAT(problems_of(with("/x", "1")), ElementsAre(problem_at("/x", "known are bot_id, ")));
}

TEST(job_file, duplicate_keys_are_refused) {
  std::string text{smallest};
  text.insert(1, R"("version": "1",)");
  EXPECT_THAT(problems_of(text), ElementsAre(problem_at("/version", "duplicate key")));
}

TEST(job_file, labels_are_limited_in_number_and_length) {
  const auto labels = [](int count, std::size_t key_size, std::string_view letter) {
    boost::json::object pairs;
    for (int i = 0; i < count; ++i)
      pairs[fmt::format("{:a>{}}", i, key_size)] = std::string{letter};
    return with("/labels", boost::json::serialize(pairs));
  };
  EXPECT_EQ(parse_job_file(labels(16, 63, "x"), rules)->labels.size(), 16U);
  EXPECT_THAT(problems_of(labels(17, 2, "x")),
              ElementsAre(problem_at("/labels", "found 17 labels, allowed are 16")));
  EXPECT_THAT(problems_of(labels(1, 64, "x")), ElementsAre(testing::_));
  std::string umlauts;
  for (int i = 0; i < 63; ++i)
    umlauts += "ü";
  EXPECT_THAT(problems_of(labels(1, 2, umlauts)), SizeIs(0));
  EXPECT_THAT(problems_of(labels(1, 2, umlauts + "ü")), SizeIs(1));
}

TEST(job_file, all_problems_are_reported_at_once_with_their_places) {
  const auto problems = problems_of(R"({
  "bot_id": "../bot",
  "environment_id": "env",
  "version": 2,
  "traffic_matrix": {"stable": 0.95, "canary": 0.05},
  "max_traffic_percentage": 0.1,
  "rollback_thresholds": {"error_rate": 5, "latency": 1e400},
  "failure_limt": 3,
  "validation_interval": "1 s",
  "validation_interval": 0,
  "labels": {"team": ""},
})");
  std::vector<std::string> lines;
  for (const auto& problem : problems)
    lines.push_back(fmt::format("{}:{} {}", problem.line, problem.column, problem.pointer));
  EXPECT_THAT(lines, ElementsAre("2:13 /bot_id", "4:14 /version", "5:21 /traffic_matrix",
                                 "6:29 /max_traffic_percentage",
                                 "7:41 /rollback_thresholds/error_rate"
                                 "",
                                 "7:55 /rollback_thresholds/latency", "8:19 /failure_limt",
                                 "10:3 /validation_interval", "10:26 /validation_interval",
                                 "11:22 /labels/team"));
  EXPECT_EQ(problems.front().message,
            R"(found "../bot", allowed is 1 to 128 characters of A-Z a-z 0-9 . _ : + -)");
}

TEST(job_file, thousands_of_problems_are_cut_off) {
  std::string text{"{"};
  for (int i = 0; i < 20'000; ++i)
    text += fmt::format("\"k{}\":1,", i);
  text += "}";
  const auto problems = problems_of(text);
  ASSERT_THAT(problems, SizeIs(max_problems + 1));
  EXPECT_THAT(problems.back().message, HasSubstr("only 100 problems"));
}

TEST(job_file, hostile_files_are_refused_with_one_problem) {
  for (const auto text : {""sv, "\n"sv, "{"sv, "[]"sv, "null"sv, "\"text\""sv, "42"sv, "\0\0\0"sv,
                          "\x7F"
                          "ELF\x02\x01\x01\0"sv,
                          "\xFF\xFE{\0}\0"sv, "{\"bot_id\": \"\xC3(\"}"sv, smallest.substr(0, 100)})
    EXPECT_THAT(problems_of(text), SizeIs(1)) << text;
  EXPECT_THAT(problems_of(std::string(100'000, '[')), SizeIs(1));
  EXPECT_THAT(problems_of(std::string(100'000, '{')), SizeIs(1));
}

TEST(job_file, a_file_may_have_256_kib_and_not_a_byte_more) {
  std::string text{smallest};
  text.append(max_job_file_bytes - text.size(), ' ');
  EXPECT_TRUE(parse_job_file(text, rules));
  text += ' ';
  EXPECT_THAT(problems_of(text), ElementsAre(problem_at("", "262145 bytes")));
}

TEST(job_file, what_this_version_does_not_support_is_refused) {
  constexpr auto unsupported = "not supported by this version";
  EXPECT_THAT(problems_of(with("/steps", R"([{"canary": 5}])")),
              ElementsAre(problem_at("/steps", unsupported)));
  EXPECT_THAT(problems_of(R"({"bot_id": "b", "environment_id": "e", "version": "1",
                              "max_traffic_percentage": 10, "steps": [{"canary": 5}]})"),
              ElementsAre(problem_at("/steps", unsupported)));
  EXPECT_THAT(problems_of(with("/approve_promotion", "true")),
              ElementsAre(problem_at("/approve_promotion", unsupported)));
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"method", R"("sequential")"},
           {"compare_to", R"("stable")"},
           {"promote_when", R"("proven")"},
           {"promote_early", "true"},
           {"hard_limits", R"({"error_rate": 0.5})"},
           {"failure_limits", R"({"error_rate": 3})"},
           {"dry_run", R"(["error_rate"])"},
           {"checks", R"([{"metric": "handovers", "max": 3}])"}})
    EXPECT_THAT(problems_of(with("/analysis/" + key, value)),
                ElementsAre(problem_at("/analysis/" + key, unsupported)));
}

TEST(job_file, what_would_have_no_effect_is_accepted) {
  for (const auto* analysis :
       {"{}", R"({"method": "threshold"})", R"({"compare_to": "limit", "alpha": 0.01})",
        R"({"tolerated_ratio": 2, "promote_when": "not_worse", "promote_early": false})",
        R"({"hard_limits": {}, "failure_limits": {}, "dry_run": [], "checks": []})"})
    EXPECT_THAT(problems_of(with("/analysis", analysis)), SizeIs(0)) << analysis;
  EXPECT_THAT(problems_of(with("/approve_promotion", "false")), SizeIs(0));
}

TEST(job_file, the_syntax_of_unsupported_keys_is_checked_too) {
  EXPECT_THAT(problems_of(with("/steps", R"([{"canary": 0, "holds": 1}])")),
              AllOf(Contains(problem_at("/steps/0/canary", "allowed is")),
                    Contains(problem_at("/steps/0/holds", R"("hold")"))));
  EXPECT_THAT(problems_of(with("/analysis/methods", "1")),
              ElementsAre(problem_at("/analysis/methods", R"("method")")));
  EXPECT_THAT(problems_of(with("/analysis/checks", R"([{"metric": "a"}])")),
              Contains(problem_at("/analysis/checks/0", "one of max and min")));
}

TEST(job_file, defaults_of_the_configuration_fill_in_what_a_file_leaves_out) {
  auto with_defaults = rules;
  with_defaults.defaults = boost::json::parse(R"({"validation_interval": "2m", "failure_limit": 3,
                             "rollback_thresholds": {"error_rate": 0.02, "max_latency_ms": 900},
                             "labels": {"site": "eu", "team": "any"}})")
                               .get_object();
  const auto parsed = parse_job_file(R"({
    "bot_id": "b", "environment_id": "e", "version": "1", "max_traffic_percentage": 10,
    "traffic_matrix": {"stable": 95, "canary": 5},
    "failure_limit": 2, "rollback_thresholds": {"error_rate": 0.01}, "labels": {"team": "blue"}
  })",
                                     with_defaults);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->validation_interval, 2min);
  EXPECT_EQ(parsed->failure_limit, 2);
  EXPECT_EQ(parsed->rollback_thresholds.error_rate, 0.01);
  EXPECT_EQ(parsed->rollback_thresholds.satisfaction_score, 3.5);
  EXPECT_EQ(parsed->rollback_thresholds.max_latency_ms, 900);
  EXPECT_THAT(parsed->labels, testing::UnorderedElementsAre(testing::Pair("team", "blue"),
                                                            testing::Pair("site", "eu")));
}

TEST(job_file, defaults_are_held_to_the_rules_of_job_files) {
  const auto check = [](std::string_view text) {
    return check_job_defaults(boost::json::parse(text).get_object(), 5s);
  };
  EXPECT_THAT(check("{}"), SizeIs(0));
  EXPECT_THAT(check(R"({"failure_limit": 2, "webhook_url": "https://example.com/"})"), SizeIs(0));
  EXPECT_THAT(check(R"({"validation_interval": "20m"})"), SizeIs(0));
  EXPECT_THAT(check(R"({"failure_limit": 0, "rollback_thresholds": {"error_rate": 2}})"),
              ElementsAre(problem_at("/defaults/rollback_thresholds/error_rate", "found 2"),
                          problem_at("/defaults/failure_limit", "found 0")));
  EXPECT_THAT(check(R"({"bot_id": "b"})"),
              ElementsAre(problem_at("/defaults/bot_id", "has no default")));
  EXPECT_THAT(check(R"({"failure_limits": 1})"),
              ElementsAre(problem_at("/defaults/failure_limits", R"("failure_limit")")));
  EXPECT_THAT(check(R"({"validation_interval": 1})"),
              ElementsAre(problem_at("/defaults/validation_interval", "from 5s to 30d")));
  EXPECT_THAT(check(R"({"validation_interval": "20m", "validation_duration": "10m"})"),
              ElementsAre(problem_at("/defaults/validation_duration", "found 10m")));
}

TEST(job_file, a_job_that_was_written_is_read_back_the_same) {
  for (const auto& text :
       {std::string{smallest}, read_example("full.json"), with("/labels", R"({"a\"b": "\\ü"})"),
        with("/max_extension", "0.25"), with("/on_inconclusive", R"("rollback")"),
        with("/enable_metric_aggregation", "false"),
        with("/traffic_matrix", R"({"stable": 99.95, "canary": 0.015})")}) {
    const auto original = parse_job_file(text, rules);
    ASSERT_TRUE(original) << text;
    const auto written = write_job_file(*original);
    const auto read = parse_job_file(written, rules);
    ASSERT_TRUE(read) << written;
    EXPECT_EQ(*read, *original) << written;
  }
}

}  // namespace
}  // namespace canaryd::core
