// The table of built-in metrics against whatever says the same elsewhere: the job schema, the
// parser of job files, and the pages for people.
#include "canaryd/job/metric_table.hpp"

#include "canaryd/job/job_file.hpp"
#include "canaryd/job/stored_job.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/schema.hpp"
#include <cmath>
#include <fstream>
#include <sstream>

namespace canaryd::job {
namespace {

namespace json = boost::json;
using testing::ElementsAreArray;
using testing::HasSubstr;

const job_rules table_rules{
    .min_interval = std::chrono::seconds{1}, .webhook_secret_configured = true, .defaults = {}};

std::vector<std::string> limit_keys() {
  std::vector<std::string> keys;
  for (const auto& metric : built_in_metrics)
    keys.emplace_back(metric.limit_key);
  return keys;
}

std::vector<std::string> names_of(const json::object& members) {
  std::vector<std::string> names;
  for (const auto& member : members)
    names.emplace_back(member.key());
  return names;
}

const json::object& limits_in(const json::value& schema, std::string_view pointer) {
  return schema.at_pointer(fmt::format("{}/properties", pointer)).as_object();
}

// A job file with one limit, in `place`.
std::string job_with(std::string_view place, std::string_view key, double limit) {
  const auto limits = fmt::format(R"({{"{}": {}}})", key, text::shortest_decimal(limit));
  const auto member = place == "hard_limits"
                          ? fmt::format(R"("analysis": {{"hard_limits": {}}})", limits)
                          : fmt::format(R"("rollback_thresholds": {})", limits);
  return R"({"bot_id": "bot", "environment_id": "env", "version": "1",
             "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10, )" +
         member + "}";
}

TEST(metric_table, is_in_the_order_of_its_ids_and_finds_by_name) {
  for (std::size_t i = 0; i < built_in_metrics.size(); ++i) {
    const auto& metric = built_in_metrics[i];
    EXPECT_EQ(static_cast<std::size_t>(metric.id), i);
    EXPECT_EQ(&built_in(metric.id), &metric);
    EXPECT_EQ(find_built_in(metric.name), &metric);
  }
  EXPECT_EQ(find_built_in("max_latency_ms"), nullptr) << "a key, and no metric";
}

TEST(metric_table, every_metric_has_a_limit_of_its_own) {
  thresholds limits;
  hard_limits hard;
  for (const auto& metric : built_in_metrics) {
    const auto value = static_cast<double>(metric.id) + 10;
    limit_of(limits, metric) = value;
    limit_of(hard, metric) = value;
  }
  EXPECT_EQ(limits, (thresholds{10, 11, 12}));
  EXPECT_EQ(hard, (hard_limits{10, 11, 12}));
}

TEST(metric_table, the_job_schema_has_its_keys_bounds_defaults_and_sides) {
  const auto schema = support::read_schema("canary-job.schema.json");
  for (const auto* pointer : {"/$defs/thresholds", "/properties/analysis/properties/hard_limits"}) {
    const auto& limits = limits_in(schema, pointer);
    EXPECT_THAT(names_of(limits), ElementsAreArray(limit_keys())) << pointer;
    for (const auto& metric : built_in_metrics) {
      const auto& limit = limits.at(metric.limit_key).as_object();
      const auto* least =
          limit.if_contains(metric.limit_may_be_least ? "minimum" : "exclusiveMinimum");
      ASSERT_NE(least, nullptr) << pointer << metric.limit_key;
      EXPECT_EQ(least->to_number<double>(), metric.least);
      EXPECT_EQ(limit.contains("maximum"), std::isfinite(metric.most));
      if (const auto* most = limit.if_contains("maximum"))
        EXPECT_EQ(most->to_number<double>(), metric.most);
      if (const auto* standard = limit.if_contains("default"))
        EXPECT_EQ(standard->to_number<double>(), default_limit(metric));
      EXPECT_THAT(std::string{limit.at("description").as_string()},
                  HasSubstr(metric.worse == worse_side::higher ? "above it" : "below it"));
    }
  }
}

TEST(metric_table, the_job_schema_has_its_names) {
  const auto schema = support::read_schema("canary-job.schema.json");
  const auto& taken =
      schema.at_pointer("/properties/analysis/properties/checks/items/properties/metric/not/enum");
  ASSERT_EQ(taken.as_array().size(), built_in_metrics.size());
  for (const auto& metric : built_in_metrics)
    EXPECT_EQ(taken.at(static_cast<std::size_t>(metric.id)).as_string(), metric.name);
}

TEST(metric_table, the_parser_keeps_to_its_bounds) {
  for (const auto* place : {"rollback_thresholds", "hard_limits"}) {
    const auto accepts = [&](const built_in_metric& metric, double limit) {
      return parse_job_file(job_with(place, metric.limit_key, limit), table_rules).has_value();
    };
    for (const auto& metric : built_in_metrics) {
      const double most = std::isfinite(metric.most) ? metric.most : 1e300;
      EXPECT_EQ(accepts(metric, metric.least), metric.limit_may_be_least) << metric.name;
      EXPECT_FALSE(accepts(metric, metric.least - 0.001)) << metric.name;
      EXPECT_TRUE(accepts(metric, metric.least + 0.001)) << metric.name;
      EXPECT_TRUE(accepts(metric, most)) << metric.name;
      EXPECT_EQ(accepts(metric, most * 1.001), std::isinf(metric.most)) << metric.name;
    }
  }
}

TEST(metric_table, what_is_read_is_written_and_read_again_from_the_state) {
  for (const auto& metric : built_in_metrics) {
    const auto read = parse_job_file(job_with("hard_limits", metric.limit_key, 0.75), table_rules);
    ASSERT_TRUE(read);
    EXPECT_EQ(limit_of(read->analysis.hard, metric), 0.75) << metric.name;
    const auto again = read_stored_job(write_job_file(*read));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *read) << metric.name;
  }
}

TEST(metric_table, a_check_is_of_no_built_in_metric) {
  for (const auto& metric : built_in_metrics) {
    const auto text = fmt::format(R"("checks": [{{"metric": "{}", "max": 1}}])", metric.name);
    const auto file = fmt::format(R"({{"bot_id": "bot", "environment_id": "env", "version": "1",
        "traffic_matrix": {{"stable": 95, "canary": 5}}, "max_traffic_percentage": 10,
        "analysis": {{{}}}}})",
                                  text);
    EXPECT_FALSE(parse_job_file(file, table_rules)) << metric.name;
  }
}

TEST(metric_table, the_side_of_a_check_is_that_of_its_limit) {
  const std::vector<metric_check> checks{{.metric = "cost", .limit = 2},
                                         {.metric = "turns", .limit = 2, .is_minimum = true}};
  EXPECT_EQ(worse_of("cost", checks), worse_side::higher);
  EXPECT_EQ(worse_of("turns", checks), worse_side::lower);
  EXPECT_EQ(worse_of("satisfaction_score", checks), worse_side::lower);
  EXPECT_EQ(worse_of("other", checks), std::nullopt);
}

// | `error_rate` | `error_rate` | higher | share, 0 to 1 | 0.05 |
std::string row_of(const built_in_metric& metric) {
  const auto bounds = std::isfinite(metric.most)
                          ? fmt::format("{} to {}", metric.least, metric.most)
                          : fmt::format("at least {}", metric.least);
  return fmt::format("| `{}` | `{}` | `{}` | {}, {} | {} |", metric.name, metric.limit_key,
                     to_string(metric.worse), metric.unit, bounds,
                     text::shortest_decimal(default_limit(metric)));
}

TEST(metric_table, the_reference_has_a_row_for_each) {
  std::ostringstream page;
  page << std::ifstream{CANARYD_SOURCE_DIR "/docs/reference.md"}.rdbuf();
  for (const auto& metric : built_in_metrics)
    EXPECT_THAT(page.str(), HasSubstr(row_of(metric)));
}

}  // namespace
}  // namespace canaryd::job
