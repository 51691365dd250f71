#include "canaryd/job/job_file.hpp"

#include "canaryd/text/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"
#include "support/full_canary.hpp"
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::job {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

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
      .steps = {{.canary_percent = 10, .hold = 30min},
                {.canary_percent = 25, .hold = 1h, .approve = true}},
      .stable_percent = 90,
      .max_traffic_percentage = 25,
      .rollback_thresholds = {.error_rate = 0.02, .satisfaction_score = 4, .max_latency_ms = 1200},
      .enable_metric_aggregation = true,
      .webhook_url = "https://ci-cd.example.com/hooks/cognigy-canary",
      .validation_interval = 1min,
      .validation_duration = 30min,
      .window = 15min,
      .min_conversations = 100,
      .failure_limit = 2,
      .no_data_limit = 0,
      .provider_error_limit = 10,
      .on_inconclusive = inconclusive_rule::extend,
      .max_extension = 1h,
      .approve_promotion = true,
      .gate_timeout = 24h,
      .analysis = {.method = judging_method::sequential,
                   .compare_to = comparison::both,
                   .alpha = 0.05,
                   .tolerated_ratio = 1.2,
                   .hard = {.error_rate = 0.3, .satisfaction_score = 2, .max_latency_ms = 10000},
                   .failure_limits = {{"avg_latency_ms", 5}},
                   .dry_run = {"answers_per_conversation"},
                   .optional = {"satisfaction_score"},
                   .checks = {{.metric = "handover_rate", .limit = 0.2},
                              {"answers_per_conversation", 2, true}}},
      .labels = {{"team", "conversational-ai"}, {"pipeline", "4711"}}};
  EXPECT_EQ(*parsed, expected);
}

TEST(job_file, has_its_numbers_as_they_are_written) {
  for (const double limit : {2000.0000000000002, 0.30000000000000004, 1.7976931348623157e308}) {
    const auto read = parse_job_file(
        with("/rollback_thresholds/max_latency_ms", text::shortest_decimal(limit)), rules);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->rollback_thresholds.max_latency_ms, limit);
    EXPECT_EQ(parse_job_file(write_job_file(*read), rules), read);
  }
}

TEST(job_file, may_name_its_schema) {
  const auto plain = parse_job_file(smallest, rules);
  const auto text = "{\"$schema\": \"./canary-job.schema.json\"," + std::string{smallest.substr(1)};
  ASSERT_TRUE(smallest.starts_with('{'));
  EXPECT_EQ(parse_job_file(text, rules), plain);
  EXPECT_THAT(problems_of("{\"$schema\": 5," + std::string{smallest.substr(1)}),
              testing::ElementsAre(problem_at("/$schema", "found 5, allowed is text")));
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
  EXPECT_THAT(problems_of(with("/traffic_matrix", R"({"stable": 90.1, "canary": 0.1})")),
              ElementsAre(problem_at("/traffic_matrix", "sum to 90.2,")));
  EXPECT_THAT(problems_of(with("/traffic_matrix", R"({"stable": 1, "canary": 0.1})")),
              ElementsAre(problem_at("/traffic_matrix", "sum to 1.1,")));
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
  for (const auto* key : {"/approve", "/aproval"})
    EXPECT_THAT(problems_of(with(key, "true")),
                ElementsAre(problem_at(key, R"("approve_promotion")")));
  EXPECT_THAT(problems_of(with("/x", "1")), ElementsAre(problem_at("/x", "known are bot_id, ")));
}

TEST(job_file, duplicate_keys_are_refused) {
  std::string text{smallest};
  text.insert(1, R"("version": "1",)");
  EXPECT_THAT(problems_of(text), ElementsAre(problem_at("/version", "duplicate key")));
}

TEST(job_file, a_label_whose_key_and_value_are_wrong_has_two_problems) {
  EXPECT_THAT(problems_of(with("/labels", R"({"a\nb": 5})")),
              ElementsAre(problem_at("/labels/a\nb", "the key of a label"),
                          problem_at("/labels/a\nb", "found 5")));
}

TEST(job_file, names_its_platform_where_there_are_several) {
  const auto on = [](std::vector<std::string> names) {
    job_rules told = rules;
    for (const auto& name : names)
      told.platforms[name] = {.webhook_secret_configured = true};
    return told;
  };
  const auto platform_of = [](std::string_view text, const job_rules& under) {
    const auto parsed = parse_job_file(text, under);
    return parsed ? parsed->platform : parsed.error().front().message;
  };
  const auto named = with("/platform", R"("eu")");
  EXPECT_EQ(platform_of(smallest, rules), "default");
  EXPECT_EQ(platform_of(named, rules), "eu") << "nobody knows which there are";
  EXPECT_EQ(platform_of(smallest, on({"eu"})), "eu");
  EXPECT_EQ(platform_of(named, on({"default", "eu"})), "eu");
  EXPECT_EQ(platform_of(named, on({"default", "us"})),
            "there is no platform eu, allowed is one of default, us");
  EXPECT_EQ(platform_of(smallest, on({"default", "eu"})),
            "missing, required if there are several platforms: one of default, eu");
  EXPECT_THAT(problems_of(with("/platform", R"("EU")")),
              ElementsAre(problem_at("/platform", "1 to 63 characters of a-z 0-9 - _")));
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
              ElementsAre(problem_at("/labels", "found 17 labels, allowed are at most 16")));
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
  EXPECT_THAT(
      lines,
      ElementsAre("2:13 /bot_id", "4:14 /version", "5:21 /traffic_matrix",
                  "6:29 /max_traffic_percentage", "7:41 /rollback_thresholds/error_rate",
                  "7:55 /rollback_thresholds/latency", "8:19 /failure_limt",
                  "10:3 /validation_interval", "10:26 /validation_interval", "11:22 /labels/team"));
  EXPECT_EQ(problems.front().message,
            R"(found "../bot", allowed is 1 to 128 characters of A-Z a-z 0-9 . _ : + -)");
}

TEST(job_file, thousands_of_problems_are_cut_off) {
  std::string text{"{"};
  for (int i = 0; i < 20'000; ++i)
    text += fmt::format("\"k{}\":1,", i);
  text += "}";
  const auto problems = problems_of(text);
  ASSERT_THAT(problems, SizeIs(text::max_problems + 1));
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

void expect_round_trip(const job& original, const job_rules& read_by = rules) {
  const auto written = write_job_file(original);
  const auto read = parse_job_file(written, read_by);
  ASSERT_TRUE(read) << written << describe(read.error().front(), "");
  EXPECT_EQ(*read, original) << written;
}

TEST(job_file, a_job_that_was_written_is_read_back_the_same) {
  for (const auto& text :
       {std::string{smallest}, read_example("full.json"), read_example("minimal.json"),
        read_example("stepped.json"), read_example("sequential.json"),
        with("/labels", R"({"a\"b": "\\ü"})"), with("/max_extension", "0.25"),
        with("/on_inconclusive", R"("rollback")"), with("/enable_metric_aggregation", "false"),
        with("/approve_promotion", "true"),
        with("/traffic_matrix", R"({"stable": 99.95, "canary": 0.015})"),
        with("/validation_interval", R"("5s250ms")"), with("/steps", R"([{"canary": 5.1}])"),
        with("/steps", R"([{"canary": 5, "hold": 61}])"),
        with("/steps", R"([{"canary": 4.9}, {"canary": 9.99, "hold": "1m", "approve": true}])"),
        with("/analysis", R"({"compare_to": "stable", "tolerated_ratio": 1.25})"),
        with("/analysis", R"({"hard_limits": {"satisfaction_score": 0, "max_latency_ms": 1e300}})"),
        with("/analysis/checks", R"([{"metric": "a.b-c", "min": -1e-9}])"),
        with("/analysis",
             R"({"method": "sequential", "alpha": 1e-9, "promote_when": "proven"})")}) {
    const auto original = parse_job_file(text, rules);
    ASSERT_TRUE(original) << text;
    expect_round_trip(*original);
  }
}

TEST(job_file, every_field_of_a_job_survives_being_written) {
  const auto full = support::full_job();
  auto seconds = rules;
  seconds.window_unit = 1s;
  expect_round_trip(full, seconds);
  EXPECT_NE(full.analysis, analysis_rules{});
}

}  // namespace
}  // namespace canaryd::job
