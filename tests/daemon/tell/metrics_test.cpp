// The metrics for Prometheus: names, labels and bounds (reference: "Prometheus metrics").
#include "canaryd/daemon/tell/metrics.hpp"

#include "canaryd/daemon/supervisor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/exposition.hpp"
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <utility>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using support::value_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

judge::reading reading_of(std::vector<judge::judged_metric> metrics) {
  judge::reading taken;
  taken.outcome = judge::verdict::pass;
  taken.metrics = std::move(metrics);
  return taken;
}

judge::reading good_reading() {
  return reading_of({{.name = "error_rate", .value = 0.012, .limit = 0.05},
                     {.name = "satisfaction_score", .value = 4.4, .limit = 3.5}});
}

// The reading after a failed poll.
judge::reading failed_reading() {
  judge::reading taken;
  taken.outcome = judge::verdict::provider_error;
  return taken;
}

std::string read_source(const std::string& file) {
  std::ifstream in{std::string{CANARYD_SOURCE_DIR} + "/" + file};
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>{in}, {}};
}

class what_prometheus_is_told : public testing::Test {
 protected:
  std::string text() { return measures.text(present); }
  std::optional<double> value(const std::string& series) { return value_of(text(), series); }
  // Every name, including those that have no series until something happens.
  std::map<std::string, support::family> all_families() {
    measures.of("default").note_call(platform::call::metrics, 200, 10ms);
    job_series shown{measures.jobs()};
    shown.show("orders", good_reading());
    return support::families_of(text());
  }

  metrics measures{1000};
  decltype(std::declval<const supervisor&>().counts()) jobs{};
  metrics_snapshot present{.jobs_by_state = jobs, .tokens = {{"default", {}}}};
};

TEST_F(what_prometheus_is_told, has_every_name_of_the_specification) {
  std::vector<std::string> names;
  for (const auto& [name, family] : all_families()) {
    names.push_back(name);
    EXPECT_FALSE(family.help.empty()) << name;
    std::string labels;
    for (const auto& label : family.labels)
      labels += (labels.empty() ? "{" : ",") + label;
    if (!labels.empty())
      names.back() += labels + "}";
  }
  EXPECT_THAT(
      names,
      ElementsAre("canaryd_api_request_seconds{call}", "canaryd_api_requests_total{call,code}",
                  "canaryd_audit_outbox_records", "canaryd_build_info{version}",
                  "canaryd_config_last_reload_success_timestamp_seconds",
                  "canaryd_config_last_reload_successful", "canaryd_event_loop_lag_seconds",
                  "canaryd_job_outcomes_total{reason,status}", "canaryd_jobs{state}",
                  "canaryd_log_lines_dropped_total", "canaryd_poll_lateness_seconds",
                  "canaryd_rate_limit_wait_seconds", "canaryd_reading{job,metric}",
                  "canaryd_readings_total{verdict}", "canaryd_rollback_dispatch_seconds",
                  "canaryd_threshold{job,metric}", "canaryd_token_refreshes_total{result}"));
}

TEST_F(what_prometheus_is_told, has_every_state_of_a_job_also_where_no_job_is_in_it) {
  jobs[static_cast<std::size_t>(canary::canary_state::observing)] = 7;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto state = static_cast<canary::canary_state>(i);
    const auto series = "canaryd_jobs{state=\"" + std::string{to_string(state)} + "\"}";
    EXPECT_THAT(value(series), Optional(state == canary::canary_state::observing ? 7.0 : 0.0));
  }
}

TEST_F(what_prometheus_is_told, names_the_version) {
  EXPECT_THAT(value("canaryd_build_info{version=\"" CANARYD_VERSION "\"}"), Optional(1.0));
}

TEST_F(what_prometheus_is_told, counts_outcomes_by_status_and_reason) {
  const std::string breach =
      R"(canaryd_job_outcomes_total{reason="threshold_breach",status="rolled_back"})";
  EXPECT_THAT(value(breach), Optional(0.0)) << "or its first increase is not seen";
  measures.note_end(canary::canary_state::rolled_back, canary::reason::threshold_breach);
  measures.note_end(canary::canary_state::promoted_to_stable, canary::reason::passed);
  EXPECT_THAT(value(breach), Optional(1.0));
  EXPECT_THAT(value(R"(canaryd_job_outcomes_total{reason="passed",status="promoted_to_stable"})"),
              Optional(1.0));
}

TEST_F(what_prometheus_is_told, counts_readings_by_verdict) {
  measures.note_reading(judge::verdict::breach);
  measures.note_reading(judge::verdict::breach);
  EXPECT_THAT(value(R"(canaryd_readings_total{verdict="breach"})"), Optional(2.0));
  for (const auto* other : {"pass", "no_data", "provider_error"})
    EXPECT_THAT(value("canaryd_readings_total{verdict=\"" + std::string{other} + "\"}"),
                Optional(0.0));
}

TEST_F(what_prometheus_is_told, counts_requests_by_call_and_status) {
  measures.of("default").note_call(platform::call::metrics, 200, 30ms);
  measures.of("default").note_call(platform::call::metrics, 200, 300ms);
  measures.of("default").note_call(platform::call::metrics, 429, 30ms);
  measures.of("default").note_call(platform::call::deploy, 0, 30s);
  EXPECT_THAT(value(R"(canaryd_api_requests_total{call="metrics",code="200"})"), Optional(2.0));
  EXPECT_THAT(value(R"(canaryd_api_requests_total{call="metrics",code="429"})"), Optional(1.0));
  EXPECT_THAT(value(R"(canaryd_api_requests_total{call="deploy",code="error"})"), Optional(1.0));
}

TEST_F(what_prometheus_is_told, measures_requests_in_seconds_by_call) {
  measures.of("default").note_call(platform::call::metrics, 200, 30ms);
  measures.of("default").note_call(platform::call::metrics, 503, 300ms);
  const auto bucket = [this](const std::string& bound) {
    return value(R"(canaryd_api_request_seconds_bucket{call="metrics",le=")" + bound + "\"}");
  };
  EXPECT_THAT(bucket("0.025"), Optional(0.0));
  EXPECT_THAT(bucket("0.05"), Optional(1.0));
  EXPECT_THAT(bucket("0.5"), Optional(2.0));
  EXPECT_THAT(bucket("+Inf"), Optional(2.0));
  EXPECT_THAT(value(R"(canaryd_api_request_seconds_sum{call="metrics"})"),
              Optional(testing::DoubleNear(0.33, 1e-9)));
  EXPECT_THAT(value(R"(canaryd_api_request_seconds_count{call="rollback"})"), Optional(0.0));
}

TEST_F(what_prometheus_is_told, names_every_platform_but_the_one_of_api) {
  measures.of("default").note_call(platform::call::metrics, 200, 30ms);
  measures.of("eu").note_call(platform::call::metrics, 200, 30ms);
  measures.of("eu").note_call(platform::call::metrics, 200, 30ms);
  measures.of("eu").note_wait(2s);
  present.tokens["eu"] = {.succeeded = 3};
  EXPECT_THAT(value(R"(canaryd_api_requests_total{call="metrics",code="200"})"), Optional(1.0));
  EXPECT_THAT(value(R"(canaryd_api_requests_total{call="metrics",code="200",platform="eu"})"),
              Optional(2.0));
  EXPECT_THAT(value(R"(canaryd_api_request_seconds_count{call="metrics",platform="eu"})"),
              Optional(2.0));
  EXPECT_THAT(value(R"(canaryd_rate_limit_wait_seconds_sum{platform="eu"})"), Optional(2.0));
  EXPECT_THAT(value(R"(canaryd_token_refreshes_total{platform="eu",result="succeeded"})"),
              Optional(3.0));
}

TEST_F(what_prometheus_is_told, measures_waits_in_seconds) {
  measures.of("default").note_wait(2s);
  measures.note_poll_sent(20ms);
  measures.note_rollback_sent(100ms);
  measures.note_loop_lag(3ms);
  EXPECT_THAT(value("canaryd_rate_limit_wait_seconds_sum"), Optional(2.0));
  EXPECT_THAT(value("canaryd_poll_lateness_seconds_sum"), Optional(0.02));
  EXPECT_THAT(value("canaryd_rollback_dispatch_seconds_sum"), Optional(0.1));
  EXPECT_THAT(value("canaryd_event_loop_lag_seconds_sum"), Optional(0.003));
  EXPECT_THAT(value("canaryd_event_loop_lag_seconds_count"), Optional(1.0));
}

TEST_F(what_prometheus_is_told, has_the_totals_of_the_token_at_every_look) {
  present.tokens["default"] = {.succeeded = 1, .refused = 2, .failed = 0};
  EXPECT_THAT(value(R"(canaryd_token_refreshes_total{result="refused"})"), Optional(2.0));
  present.tokens["default"] = {.succeeded = 4, .refused = 2, .failed = 1};
  EXPECT_THAT(value(R"(canaryd_token_refreshes_total{result="succeeded"})"), Optional(4.0));
  EXPECT_THAT(value(R"(canaryd_token_refreshes_total{result="refused"})"), Optional(2.0));
  EXPECT_THAT(value(R"(canaryd_token_refreshes_total{result="failed"})"), Optional(1.0));
}

TEST_F(what_prometheus_is_told, has_the_records_that_wait) {
  present.outbox_records = 12;
  EXPECT_THAT(value("canaryd_audit_outbox_records"), Optional(12.0));
  present.config_is_in_force = false;
  present.config_accepted_at = wall_time{1'772'366'400s};
  EXPECT_THAT(value("canaryd_config_last_reload_successful"), Optional(0.0));
  EXPECT_THAT(value("canaryd_config_last_reload_success_timestamp_seconds"),
              Optional(1'772'366'400.0));
  present.outbox_records = 0;
  EXPECT_THAT(value("canaryd_audit_outbox_records"), Optional(0.0));
}

TEST_F(what_prometheus_is_told, has_the_newest_value_and_limit_of_every_metric_of_a_job) {
  job_series orders{measures.jobs()};
  orders.show("orders", good_reading());
  orders.show("orders", reading_of({{.name = "error_rate", .value = 0.07, .limit = 0.05},
                                    {.name = "satisfaction_score", .value = 4.1, .limit = 3.5}}));
  EXPECT_THAT(value(R"(canaryd_reading{job="orders",metric="error_rate"})"), Optional(0.07));
  EXPECT_THAT(value(R"(canaryd_threshold{job="orders",metric="error_rate"})"), Optional(0.05));
  EXPECT_THAT(value(R"(canaryd_reading{job="orders",metric="satisfaction_score"})"), Optional(4.1));
  EXPECT_THAT(value(R"(canaryd_threshold{job="orders",metric="satisfaction_score"})"),
              Optional(3.5));
}

TEST_F(what_prometheus_is_told, has_the_checks_of_a_job_beside_the_three_metrics) {
  job_series orders{measures.jobs()};
  orders.show("orders", reading_of({{.name = "error_rate", .value = 0.07, .limit = 0.05},
                                    {.name = "escalation_rate", .value = 0.04, .limit = 0.1}}));
  EXPECT_THAT(value(R"(canaryd_reading{job="orders",metric="escalation_rate"})"), Optional(0.04));
  EXPECT_THAT(value(R"(canaryd_threshold{job="orders",metric="escalation_rate"})"), Optional(0.1));
}

TEST_F(what_prometheus_is_told, has_the_canaries_that_wait_for_approval) {
  EXPECT_THAT(value(R"(canaryd_jobs{state="waiting_approval"})"), Optional(0.0));
  jobs.at(static_cast<std::size_t>(canary::canary_state::waiting_approval)) = 2;
  EXPECT_THAT(value(R"(canaryd_jobs{state="waiting_approval"})"), Optional(2.0));
}

TEST_F(what_prometheus_is_told, never_shows_an_old_value_as_a_new_one) {
  job_series orders{measures.jobs()};
  const std::string series = R"(canaryd_reading{job="orders",metric="error_rate"})";
  orders.show("orders", good_reading());
  orders.show("orders", reading_of({{.name = "error_rate", .value = {}, .limit = 0.05}}));
  EXPECT_TRUE(std::isnan(value(series).value()));
  orders.show("orders", good_reading());
  EXPECT_THAT(value(series), Optional(0.012));
  orders.show("orders", failed_reading());
  EXPECT_TRUE(std::isnan(value(series).value()));
  EXPECT_THAT(value(R"(canaryd_threshold{job="orders",metric="error_rate"})"), Optional(0.05));
}

TEST_F(what_prometheus_is_told, forgets_a_job_with_its_end) {
  auto orders = std::make_unique<job_series>(measures.jobs());
  job_series billing{measures.jobs()};
  orders->show("orders", good_reading());
  billing.show("billing", good_reading());
  orders.reset();
  EXPECT_THAT(text(), AllOf(Not(HasSubstr("orders")), HasSubstr("job=\"billing\"")));
  EXPECT_EQ(measures.jobs().jobs(), 1U);
}

TEST_F(what_prometheus_is_told, escapes_labels) {
  job_series odd{measures.jobs()};
  odd.show("a\"b\\c\nd", reading_of({{.name = "error_rate", .value = 1.0, .limit = 2.0}}));
  EXPECT_THAT(text(), HasSubstr(R"(canaryd_reading{job="a\"b\\c\nd",metric="error_rate"} 1)"));
}

TEST(job_series, are_for_at_most_so_many_jobs) {
  metrics measures{2};
  std::vector<std::unique_ptr<job_series>> jobs;
  for (const auto* name : {"one", "two", "three"}) {
    jobs.push_back(std::make_unique<job_series>(measures.jobs()));
    jobs.back()->show(name, good_reading());
  }
  EXPECT_EQ(measures.jobs().jobs(), 2U);
  EXPECT_THAT(measures.text({}), Not(HasSubstr("three")));
  jobs.front().reset();
  EXPECT_THAT(measures.text({}), Not(HasSubstr("three"))) << "its next reading shows it";
  jobs.back()->show("three", good_reading());
  EXPECT_THAT(measures.text({}), HasSubstr("three"));
}

TEST(job_series, are_for_no_job_where_the_bound_is_0) {
  metrics measures{0};
  job_series orders{measures.jobs()};
  orders.show("orders", good_reading());
  EXPECT_THAT(measures.text({}), Not(HasSubstr("orders")));
}

TEST(job_series, follow_a_bound_that_changes) {
  metrics measures{2};
  job_series one{measures.jobs()};
  job_series two{measures.jobs()};
  one.show("one", good_reading());
  two.show("two", good_reading());
  measures.jobs().limit(1);
  one.show("one", good_reading());
  two.show("two", good_reading());
  EXPECT_EQ(measures.jobs().jobs(), 1U);
  EXPECT_THAT(measures.text({}), AllOf(Not(HasSubstr("\"one\"")), HasSubstr("\"two\"")));
  measures.jobs().limit(2);
  one.show("one", good_reading());
  EXPECT_THAT(measures.text({}), HasSubstr("\"one\""));
}

// docs/metrics.md has a row for each name: | `name{labels}` | type | help and explanation |.
TEST_F(what_prometheus_is_told, is_documented_to_the_letter) {
  const auto page = read_source("docs/metrics.md");
  std::size_t rows = 0;
  for (const auto& [name, family] : all_families()) {
    const auto row = page.find("\n| `" + name + (family.labels.empty() ? "`" : "{"));
    ASSERT_NE(row, std::string::npos) << name << " has no row";
    const auto line = page.substr(row + 1, page.find('\n', row + 1) - row - 1);
    EXPECT_THAT(line, HasSubstr("| " + family.type + " | " + family.help));
    for (const auto& label : family.labels)
      EXPECT_THAT(line.substr(0, line.find('}')), HasSubstr(label)) << name;
    ++rows;
  }
  std::size_t documented = 0;
  for (auto at = page.find("\n| `canaryd_"); at != std::string::npos;
       at = page.find("\n| `canaryd_", at + 1))
    ++documented;
  EXPECT_EQ(documented, rows) << "a row of a name that there is not";
}

// A rule or panel about a name that does not exist would stay silent for ever.
TEST_F(what_prometheus_is_told, has_what_alerts_and_dashboard_ask_for) {
  const auto families = all_families();
  const std::regex name_pattern{"canaryd_[a-z_]+"};
  const std::regex histogram_part{"_(bucket|sum|count)$"};
  for (const auto* file : {"config/prometheus/canaryd.rules.yml", "config/grafana/canaryd.json",
                           "config/prometheus/canaryd.rules.test.yml"}) {
    const auto asks = read_source(file);
    const std::sregex_iterator end;
    std::sregex_iterator found{asks.begin(), asks.end(), name_pattern};
    EXPECT_NE(found, end) << file;
    for (; found != end; ++found) {
      const auto name = found->str();
      const auto known = families.find(std::regex_replace(name, histogram_part, ""));
      ASSERT_NE(known, families.end()) << name << " in " << file;
      EXPECT_EQ(known->first != name, known->second.type == "histogram") << name << " in " << file;
    }
  }
}

TEST_F(what_prometheus_is_told, is_all_on_the_dashboard) {
  const auto dashboard = read_source("config/grafana/canaryd.json");
  for (const auto& [name, family] : all_families())
    EXPECT_THAT(dashboard, HasSubstr(name));
}

// The table has rows like | `CanarydDown` | severity | when |.
TEST(alerts, are_documented) {
  const auto rules = read_source("config/prometheus/canaryd.rules.yml");
  const auto page = read_source("docs/metrics.md");
  const std::regex alert{R"(- alert: (\w+)[^]*?severity: (\w+))"};
  std::size_t count = 0;
  for (std::sregex_iterator found{rules.begin(), rules.end(), alert}, end; found != end; ++found) {
    EXPECT_THAT(page, HasSubstr("\n| `" + found->str(1) + "` | " + found->str(2) + " | "));
    ++count;
  }
  EXPECT_EQ(count, 16U);
}

}  // namespace
}  // namespace canaryd::daemon
