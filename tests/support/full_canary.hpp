// A canary and a job with a different value in every field.
#pragma once

#include "canaryd/canary/canary_row.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace canaryd::support {

inline judge::reading full_reading() {
  using namespace std::chrono_literals;
  return {.at = wall_time{1'700'000'001'250ms},
          .outcome = judge::verdict::breach,
          .source = judge::metrics_source::merged,
          .window = 17min,
          .conversations = 1234,
          .metrics = {{"error_rate", 0.0625, 0.05, judge::verdict::breach, 0.03125, true, true,
                       judge::test_evidence{20.5, 0.25, 40.0, 1234, 77.5, 0.30000000000000004},
                       true, job::worse_side::higher},
                      {"satisfaction_score", std::nullopt, 3.5, judge::verdict::no_data}},
          .problem = "a \"problem\"\n"};
}

// A row with all of them; of these a canary has what its state has a use for.
inline canary::rows::canary full_row(canary::canary_state state = canary::canary_state::observing) {
  using namespace std::chrono_literals;
  canary::rows::canary full;
  full.job_id = "nightly.2";
  full.uid = "uid-1";
  full.state = state;
  full.why = canary::reason::promote_refused;
  full.detail = "détail";
  full.deployment_id = "dep-1";
  full.surplus_deployments = {"dep-2", "dep-3"};
  full.next_call = {canary::operation::read_surplus, instant{101s + 1ns}, true, 102, 155.5};
  full.extension_left = 103s;
  full.attempts = 104;
  full.token_failures = 105;
  full.surplus_failures = 106;
  full.surplus_accepted = true;
  full.deploy = {{"dep-0"}, true, "no", instant{107s}, 108, 109, 151};
  full.hold = {{110,
                instant{111s},
                instant{112s},
                true,
                instant{113s},
                114,
                115,
                116,
                true,
                true,
                true,
                {126, 127},
                instant{128s},
                instant{145s}},
               instant{124s},
               125s};
  full.traffic = {true, true, instant{129s}, instant{130s}};
  full.rollback = {true, true, true, 146, 149, true, instant{117s}, instant{131s}};
  full.promote = {true, 152, 153};
  full.verified = false;
  full.promote_uncertain = true;
  full.promote_refused = true;
  full.status_wanted = true;
  full.abort_wanted = true;
  full.decided_by = "operator(1000)";
  full.odd_status = "sleeping";
  full.ends_as = canary::canary_state::rolled_back;
  full.newest = full_reading();
  full.readings = {118, 119, 120, 121};
  full.gathered = judge::evidence{.seen = {132, 133, 134, 135, 135.5},
                                  .whole = {147, 148, 149, 150, 150.5},
                                  .paired = {136, 137, 138, 139},
                                  .total = {140, 141, 142, 143, 143.5},
                                  .stable_total = 144,
                                  .shrunk = true,
                                  .scores_are_counted = true,
                                  .worse = {1.5, 2.5, 3.5, 4.5, 5.5, 6.5},
                                  .better = {-1.5, -2.5, -3.5, -4.5, -5.5, -6.5}};
  full.started_at = wall_time{1'700'000'000'001ms};
  full.ended_at = wall_time{1'700'000'000'002ms};
  full.records_made = 122;
  full.calls_made = 4'000'000'123;
  return full;
}

inline canary::canary full_canary(canary::canary_state state = canary::canary_state::observing) {
  return canary::from_row(full_row(state)).value();
}

// One in each state, and one of which surplus deployments are all that is left.
inline std::vector<canary::canary> every_full_canary() {
  std::vector<canary::canary> all;
  for (std::uint8_t number = 0; number < canary::state_count; ++number) {
    auto row = full_row(static_cast<canary::canary_state>(number));
    all.push_back(canary::from_row(row).value());
    if (std::exchange(row.ends_as, std::nullopt))
      all.push_back(canary::from_row(row).value());
  }
  return all;
}

inline job::job full_job() {
  using namespace std::chrono_literals;
  return {
      .bot_id = "bot_a",
      .environment_id = "env_b",
      .version = "2.1.0",
      .steps = {{.canary_percent = 33.3, .hold = 302s},
                {.canary_percent = 44.4, .hold = 303s, .approve = true}},
      .stable_percent = 66.7,
      .max_traffic_percentage = 50.5,
      .rollback_thresholds = {0.01, 4.25, 1501.5},
      .enable_metric_aggregation = false,
      .webhook_url = "https://ci.example.com/hook",
      .validation_interval = 31s,
      .validation_duration = 301s,
      .window = 14min,
      .min_conversations = 51,
      .failure_limit = 2,
      .no_data_limit = 3,
      .provider_error_limit = 11,
      .on_inconclusive = job::inconclusive_rule::promote,
      .max_extension = 77s,
      .approve_promotion = true,
      .gate_timeout = 2h,
      .analysis = {.method = job::judging_method::sequential,
                   .compare_to = job::comparison::both,
                   .alpha = 0.01,
                   .tolerated_ratio = 1.25,
                   .promote_when = job::promotion_rule::proven,
                   .promote_early = true,
                   .hard = {.error_rate = 0.5, .satisfaction_score = 1.5, .max_latency_ms = 9000.5},
                   .failure_limits = {{"avg_latency_ms", 4}, {"handover_rate", 5}},
                   .dry_run = {"answers", "satisfaction_score"},
                   .optional = {"handover_rate"},
                   .checks = {{.metric = "handover_rate", .limit = 0.25},
                              {.metric = "answers", .limit = 17.5, .is_minimum = true}}},
      .labels = {{"team", "blue"}, {"ticket", "\"42\""}}};
}

}  // namespace canaryd::support
