#include "canaryd/daemon/control/job_json.hpp"

#include "canaryd/daemon/control/live_events.hpp"
#include "canaryd/daemon/tell/result_file.hpp"
#include "canaryd/text/json_write.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "support/full_canary.hpp"
#include "support/virtual_time.hpp"
#include <array>
#include <limits>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using canary::canary_state;

TEST(job_json, traffic_is_what_the_canary_has_now) {
  const auto spec = support::full_job();
  canary::rows::canary current;
  const auto traffic_in = [&](canary_state state) {
    current.state = state;
    current.why = canary::reason::inconclusive;
    return traffic_of(spec, canary::from_row(current).value());
  };
  EXPECT_EQ(traffic_in(canary_state::queued), 0);
  EXPECT_EQ(traffic_in(canary_state::deploying), 0);
  EXPECT_EQ(traffic_in(canary_state::rolling_back), 0) << "nothing is known to be deployed";
  current.deployment_id = "dep-1";
  EXPECT_EQ(traffic_in(canary_state::observing), 33.3);
  EXPECT_EQ(traffic_in(canary_state::promoting), 33.3);
  EXPECT_EQ(traffic_in(canary_state::rolling_back), 33.3);
  EXPECT_EQ(traffic_in(canary_state::rolled_back), 0);
  EXPECT_EQ(traffic_in(canary_state::failed), 0);
  EXPECT_EQ(traffic_in(canary_state::promoted_to_stable), 100);
  current.rollback.traffic_removed = true;
  EXPECT_EQ(traffic_in(canary_state::rolling_back), 0);
}

TEST(job_json, a_check_that_is_overdue_is_now_and_a_hold_that_is_over_has_nothing_left) {
  const auto spec = support::full_job();
  auto current = canary::make_canary("a", "uid", spec);
  current.phase = canary::phases::watching{};
  current.hold.next_due = instant{10s};
  current.hold.ends = instant{20s};
  const auto view = view_job(spec, current, {instant{30s}, wall_time{1'700'000'000'000ms}});
  EXPECT_EQ(view.at("next_check_at"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(view.at("hold_remaining_s"), 0.0);
}

TEST(job_json, a_paused_hold_has_left_what_it_had) {
  const auto spec = support::full_job();
  auto current = canary::make_canary("a", "uid", spec);
  current.phase = canary::phases::watching{.stopped = canary::standstill{false, instant{12s}, 8s}};
  current.deployment_id = "dep-1";
  current.hold.ends = instant{20s};
  const auto view = view_job(spec, current, {instant{3000s}, wall_time{1'700'000'000'000ms}});
  EXPECT_EQ(view.at("hold_remaining_s"), 8.0);
  EXPECT_EQ(view.at("state"), "paused");
  EXPECT_EQ(view.at("traffic"), 33.3);
}

// A passing reading of the sequential method.
judge::reading reading_with_evidence() {
  return {.at = wall_time{1'700'000'000'000ms},
          .outcome = judge::verdict::pass,
          .conversations = 1200,
          .metrics = {{.name = "error_rate",
                       .value = 0.012,
                       .limit = 0.05,
                       .stable = 0.01,
                       .evidence = judge::test_evidence{.against = 3.125,
                                                        .within = 12.5,
                                                        .needed = 40.0,
                                                        .trials = 1200,
                                                        .events = 14.0,
                                                        .rounding = 0.25}},
                      {.name = "avg_latency_ms",
                       .value = 2300.0,
                       .limit = 1500.0,
                       .outcome = judge::verdict::breach,
                       .dry_run = true,
                       .past_hard_limit = true}}};
}

TEST(job_json, a_metric_has_its_evidence_and_the_other_arm_where_there_are_any) {
  const auto view = view_reading(reading_with_evidence());
  EXPECT_EQ(view.at("metrics").at("error_rate"), boost::json::parse(R"({
    "value": 0.012, "limit": 0.05, "worse": "higher", "verdict": "pass", "stable": 0.01,
    "evidence": {"against": 3.125, "within": 12.5, "needed": 40.0, "trials": 1200, "events": 14.0,
                 "rounding": 0.25}})"));
  EXPECT_EQ(view.at("metrics").at("avg_latency_ms"), boost::json::parse(R"({
    "value": 2300.0, "limit": 1500.0, "worse": "higher", "verdict": "breach", "dry_run": true,
    "past_hard_limit": true})"));
}

TEST(job_json, a_plain_metric_has_four_keys) {
  const auto view = view_reading(support::full_reading());
  EXPECT_EQ(view.at("metrics").at("satisfaction_score"),
            boost::json::parse(
                R"({"value": null, "limit": 3.5, "worse": "lower", "verdict": "no_data"})"));
}

TEST(job_json, a_metric_says_on_which_side_of_its_limit_it_breaches) {
  judge::reading taken;
  taken.metrics = {{.name = "handover_rate", .worse = job::worse_side::lower}};
  EXPECT_EQ(view_reading(taken).at("metrics").at("handover_rate").at("worse"), "lower");
}

TEST(job_json, what_a_former_version_has_stored_gets_its_side_from_the_table_and_the_checks) {
  judge::reading stored;
  stored.metrics = {{.name = "error_rate"},     {.name = "satisfaction_score"},
                    {.name = "avg_latency_ms"}, {.name = "handover_rate"},
                    {.name = "answers"},        {.name = "forgotten"}};
  const auto shown =
      view_reading(stored, support::full_job().analysis.checks).at("metrics").as_object();
  EXPECT_EQ(shown.at("error_rate").at("worse"), "higher");
  EXPECT_EQ(shown.at("satisfaction_score").at("worse"), "lower");
  EXPECT_EQ(shown.at("avg_latency_ms").at("worse"), "higher");
  EXPECT_EQ(shown.at("handover_rate").at("worse"), "higher") << "its check has a max";
  EXPECT_EQ(shown.at("answers").at("worse"), "lower") << "its check has a min";
  EXPECT_FALSE(shown.at("forgotten").as_object().contains("worse"));
}

TEST(result_file, a_step_says_that_it_needs_approval) {
  EXPECT_EQ(describe_job(support::full_job(), support::full_canary()).at("steps"),
            boost::json::parse(R"([
    {"canary": 33.3, "hold": "5m2s"}, {"canary": 44.4, "hold": "5m3s", "approve": true}])"));
}

TEST(result_file, names_the_platform) {
  auto spec = support::full_job();
  spec.platform = "eu";
  EXPECT_EQ(describe_job(spec, support::full_canary()).at("platform"), "eu");
}

TEST(reading_line, evidence_and_dry_runs_come_behind_what_every_reading_has) {
  EXPECT_EQ(describe_reading(reading_with_evidence()),
            "error_rate=0.012/0.05 avg_latency_ms=2300/1500 conversations=1200 verdict=pass "
            "evidence=error_rate:3.1/40 proof=error_rate:12/40 dry_run=avg_latency_ms");
  EXPECT_EQ(describe_reading(support::full_reading()),
            "error_rate=0.0625/0.05 satisfaction_score=-/3.5 conversations=1234 verdict=breach "
            "evidence=error_rate:20/40 proof=error_rate:0.25/40 dry_run=error_rate");
}

TEST(job_json, a_gate_that_is_approved_says_so) {
  auto current = support::full_canary();
  current.hold.approved = true;
  EXPECT_FALSE(view_job(support::full_job(), current, {}).contains("approved"));
  std::get<canary::phases::watching>(current.phase).stopped = canary::standstill{.at_gate = true};
  EXPECT_EQ(view_job(support::full_job(), current, {}).at("approved"), true);
  current.hold.approved = false;
  EXPECT_FALSE(view_job(support::full_job(), current, {}).contains("approved"));
}

TEST(job_json, a_reading_without_data_says_what_is_missing) {
  auto taken = support::full_reading();
  EXPECT_EQ(view_reading(taken).at("problem").as_string(), taken.problem);
  taken.problem.clear();
  EXPECT_FALSE(view_reading(taken).contains("problem"));
}

TEST(reading_line, several_are_a_list) {
  auto taken = reading_with_evidence();
  taken.metrics[1].evidence = judge::test_evidence{.against = 1e300, .needed = 40.0};
  taken.metrics[0].dry_run = true;
  EXPECT_TRUE(describe_reading(taken).ends_with(
      " evidence=error_rate:3.1/40,avg_latency_ms:>1000/40 "
      "proof=error_rate:12/40,avg_latency_ms:0/40 dry_run=error_rate,avg_latency_ms"));
}

class live_events_test : public testing::Test {
 protected:
  // Of the newest event its kind and what it says.
  std::pair<std::string, boost::json::value> next() {
    const auto text = *time.await(listener->next(async::clock::now() + 1s));
    const auto data = text.find("\ndata: ");
    return {text.substr(7, data - 7), boost::json::parse(text.substr(data + 7))};
  }

  support::virtual_time time;
  event_hub hub{time.executor()};
  std::shared_ptr<subscription> listener = hub.listen("");
};

TEST_F(live_events_test, a_reading_names_its_job) {
  store::job_record job{.spec = support::full_job(), .canary = support::full_canary()};
  publish_reading(hub, job);
  const auto [kind, data] = next();
  EXPECT_EQ(kind, "reading");
  EXPECT_EQ(data.at("job_id"), "nightly.2");
  EXPECT_EQ(data.at("metrics").at("error_rate").at("limit"), 0.05);
}

TEST_F(live_events_test, a_state_is_the_whole_job) {
  store::job_record job{.spec = support::full_job(), .canary = support::full_canary()};
  publish_state(hub, job);
  const auto [kind, data] = next();
  EXPECT_EQ(kind, "state");
  EXPECT_EQ(data.at("job_id"), "nightly.2");
  EXPECT_EQ(data.at("state"), "observing");
}

TEST_F(live_events_test, a_line_of_the_log_has_its_level_text_and_fields) {
  const std::array fields{field{"job", "orders"}, field{"bot", "bot_a", false}, field{"x", ""}};
  publish_log(hub, severity::warning, "two\nlines", fields);
  const auto [kind, data] = next();
  EXPECT_EQ(kind, "log");
  EXPECT_EQ(data.at("level"), "warning");
  EXPECT_EQ(data.at("text"), "two\nlines");
  EXPECT_EQ(data.at("job_id"), "orders");
  EXPECT_EQ(data.at("bot"), "bot_a");
  EXPECT_FALSE(data.as_object().contains("x"));
  EXPECT_FALSE(data.as_object().contains("job"));
}

}  // namespace
}  // namespace canaryd::daemon
