// Jobs in the state, as this version of the program or another has stored them.
#include "canaryd/job/stored_job.hpp"

#include "canaryd/job/job_file.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/full_canary.hpp"
#include "support/json_at.hpp"

namespace canaryd::job {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using support::full_job;
using testing::HasSubstr;

json::value stored(const job& spec = full_job()) {
  return json::parse(write_job_file(spec));
}

result<job> read(const json::value& spec) {
  return read_stored_job(json::serialize(spec));
}

result<job> read_with(std::string_view pointer, json::value value) {
  auto spec = stored();
  support::set_at(spec, pointer, std::move(value));
  return read(spec);
}

result<job> read_without(std::string_view key) {
  auto spec = stored();
  spec.as_object().erase(key);
  return read(spec);
}

TEST(stored_job, reads_back_with_every_key) {
  const auto found = read_stored_job(write_job_file(full_job()));
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(*found, full_job());
}

TEST(stored_job, reads_back_to_the_last_digit) {
  auto spec = full_job();
  spec.rollback_thresholds.max_latency_ms = 2000.0000000000002;
  spec.analysis.hard.max_latency_ms = 0.30000000000000004;
  const auto found = read_stored_job(write_job_file(spec));
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(*found, spec);
}

TEST(stored_job, reads_back_with_a_single_share) {
  auto spec = full_job();
  spec.steps = {{.canary_percent = 5, .hold = spec.validation_duration}};
  spec.stable_percent = 95;
  const auto found = read_stored_job(write_job_file(spec));
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(*found, spec);
}

TEST(stored_job, passes_over_keys_that_another_version_knows) {
  for (const char* pointer : {"/x", "/traffic_matrix/x", "/rollback_thresholds/x", "/steps/0/x",
                              "/analysis/x", "/analysis/hard_limits/x", "/analysis/checks/0/x"}) {
    const auto found = read_with(pointer, {{"depth", 3}});
    ASSERT_TRUE(found) << pointer << ": " << found.error().text;
    EXPECT_EQ(*found, full_job()) << pointer;
  }
}

TEST(stored_job, gives_missing_keys_the_default_they_had) {
  const job defaults;
  for (const char* key : {"rollback_thresholds", "enable_metric_aggregation", "webhook_url",
                          "window_minutes", "min_conversations", "failure_limit", "no_data_limit",
                          "provider_error_limit", "on_inconclusive", "approve_promotion",
                          "gate_timeout", "analysis", "labels", "validation_interval"})
    EXPECT_TRUE(read_without(key)) << key;
  EXPECT_EQ(read_without("failure_limit")->failure_limit, defaults.failure_limit);
  EXPECT_EQ(read_without("validation_interval")->validation_interval, 60s);
  EXPECT_EQ(read_without("max_extension")->max_extension, full_job().validation_duration);
  EXPECT_EQ(read_without("analysis")->analysis, analysis_rules{});
  EXPECT_EQ(read_without("platform")->platform, "default");
}

TEST(stored_job, does_not_check_bounds_again) {
  EXPECT_EQ(read_with("/failure_limit", 5000)->failure_limit, 5000);
  EXPECT_EQ(read_with("/window_minutes", 3000)->window, 3000min);
  EXPECT_EQ(read_with("/validation_interval", "1ms")->validation_interval, 1ms);
  EXPECT_EQ(read_with("/validation_duration", "90d")->validation_duration, 2160h);
  EXPECT_EQ(read_with("/max_traffic_percentage", 0.5)->max_traffic_percentage, 0.5);
  EXPECT_EQ(read_with("/rollback_thresholds/error_rate", 2)->rollback_thresholds.error_rate, 2);
  EXPECT_EQ(read_with("/bot_id", json::value(std::string(500, '/')))->bot_id.size(), 500U);
  EXPECT_EQ(read_with("/analysis/dry_run", {"unheard_of"})->analysis.dry_run.size(), 1U);
  EXPECT_EQ(read_with("/webhook_url", "http://plain.example.com")->webhook_url.size(), 24U);
  EXPECT_EQ(read_with("/analysis/alpha", 0.75)->analysis.alpha, 0.75);
}

TEST(stored_job, refuses_what_it_cannot_go_by) {
  for (const char* key :
       {"bot_id", "environment_id", "version", "traffic_matrix", "max_traffic_percentage"})
    EXPECT_FALSE(read_without(key)) << key;
  for (const auto& [pointer, value] : std::initializer_list<std::pair<const char*, json::value>>{
           {"/analysis/method", "oracle"},
           {"/analysis/compare_to", "yesterday"},
           {"/analysis/promote_when", "lucky"},
           {"/on_inconclusive", "shrug"},
           {"/validation_interval", 0},
           {"/validation_interval", "soon"},
           {"/failure_limit", -1},
           {"/failure_limit", 1e10},
           {"/steps", json::array{}},
           {"/steps/0/hold", "0s"},
           {"/traffic_matrix/canary", "five"},
           {"/analysis", 7},
           {"/labels/team", 7}}) {
    const auto found = read_with(pointer, value);
    ASSERT_FALSE(found) << pointer;
    EXPECT_EQ(found.error().kind, fault::malformed);
    EXPECT_THAT(found.error().text, HasSubstr(std::string{pointer}.substr(0, 6)));
  }
  for (const char* text : {"", "null", "[]", "{", "{}", R"({"max_traffic_percentage":1e400})"})
    EXPECT_FALSE(read_stored_job(text)) << text;
}

}  // namespace
}  // namespace canaryd::job
