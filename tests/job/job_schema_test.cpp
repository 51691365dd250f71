#include "canaryd/job/job_file.hpp"

#include <gtest/gtest.h>

#include "support/schema.hpp"
#include "support/schema_agreement.hpp"
#include <set>

namespace canaryd::job {
namespace {

constexpr std::string_view schema = "canary-job.schema.json";

const job_rules rules{.min_interval = std::chrono::milliseconds{1},
                      .webhook_secret_configured = true,
                      .defaults = {}};

// What only the parser can say: sums and comparisons of keys, durations as text, URLs in detail.
const std::vector<std::string> parser_only{
    "stable and canary sum to",
    "allowed is at most max_traffic_percentage",
    "allowed is at least validation_interval",
    support::duration_out_of_bounds,
    "allowed is the share of the first of the steps",
    "allowed is more than in the step before",
    "nothing leads to the first step",
    "no metric .* is judged",
    "already has a check",
    "whole multiples of",
    "allowed with \"method\": \"sequential\" is at most",
    "single readings prove nothing",
};

text::problem_list problems_of(const std::string& text) {
  const auto parsed = parse_job_file(text, rules);
  return parsed ? text::problem_list{} : parsed.error();
}

boost::json::value base() {
  return boost::json::parse(R"({
    "bot_id": "bot", "environment_id": "env", "version": "1",
    "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10,
    "rollback_thresholds": {"error_rate": 0.05, "satisfaction_score": 3.5, "max_latency_ms": 1500},
    "webhook_url": "https://example.com/hook",
    "analysis": {"method": "threshold"},
    "labels": {"team": "blue"}
  })");
}

// One with every key.
boost::json::value full_base() {
  auto document = base();
  auto& job = document.get_object();
  job["$schema"] = "./canary-job.schema.json";
  job["steps"] = boost::json::parse(R"([{"canary": 5, "hold": "15m", "approve": false}])");
  job["analysis"] = boost::json::parse(R"({
    "method": "sequential",
    "hard_limits": {"error_rate": 0.5},
    "failure_limits": {"error_rate": 2},
    "dry_run": ["avg_latency_ms"],
    "optional": ["satisfaction_score"],
    "checks": [{"metric": "handover_rate", "max": 0.2}]
  })");
  return document;
}

TEST(job_schema, refuses_what_the_parser_refuses) {
  support::expect_agreement(schema, base(), problems_of, parser_only);
}

TEST(job_schema, refuses_what_the_parser_refuses_of_steps_and_analysis) {
  support::expect_agreement(schema, full_base(), problems_of, parser_only);
}

TEST(job_schema, has_every_key_of_the_parser_and_no_other) {
  support::expect_same_keys(schema, full_base(), problems_of);
}

TEST(job_schema, has_the_defaults_of_the_parser) {
  std::set<std::string> compared;
  const auto compare = [&](const std::string& pointer, const std::string& absent,
                           const std::string& written) {
    const auto implicit = parse_job_file(absent, rules);
    const auto explicitly = parse_job_file(written, rules);
    ASSERT_TRUE(implicit && explicitly) << pointer;
    EXPECT_EQ(*implicit, *explicitly) << pointer;
    compared.insert(pointer);
  };
  support::for_each_default(schema, base(), compare);
  for (const auto* pointer : {"/rollback_thresholds", "/rollback_thresholds/max_latency_ms",
                              "/validation_interval", "/gate_timeout", "/failure_limit"})
    EXPECT_TRUE(compared.contains(pointer)) << pointer;
}

TEST(job_schema, leaves_out_only_defaults_that_are_not_constant) {
  std::set<std::string> without_default;
  for (const auto& place : support::places_of(support::read_schema(schema), base())) {
    if (!place.schema.contains("default"))
      without_default.insert(place.pointer());
  }
  const std::set<std::string> expected{"/$schema",
                                       "/bot_id",
                                       "/environment_id",
                                       "/version",
                                       "/traffic_matrix",
                                       "/traffic_matrix/stable",
                                       "/traffic_matrix/canary",
                                       "/max_traffic_percentage",
                                       "/platform",
                                       "/webhook_url",
                                       "/max_extension",
                                       "/steps",
                                       "/analysis/hard_limits",
                                       "/analysis/failure_limits",
                                       "/analysis/dry_run",
                                       "/analysis/optional",
                                       "/analysis/checks",
                                       "/labels/team"};
  EXPECT_EQ(without_default, expected);
}

}  // namespace
}  // namespace canaryd::job
