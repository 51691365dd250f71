// A job as the daemon works with it: one canary, parsed, validated and completed with defaults
// (reference: "Job files"). job/job_file.hpp reads it from a file.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace canaryd::job {

// A reading breaches above error_rate, below satisfaction_score, or above max_latency_ms.
struct thresholds {
  double error_rate = 0.05;         // share of conversations, 0..1
  double satisfaction_score = 3.5;  // mean score, 0..5
  double max_latency_ms = 2000.0;   // limit of avg_latency_ms

  bool operator==(const thresholds&) const = default;
};

// One share of the traffic and how long it is watched before the next one.
struct traffic_step {
  double canary_percent = 0.0;
  duration hold{};
  // An operator has to approve the step. Never true for the first step.
  bool approve = false;

  bool operator==(const traffic_step&) const = default;
};

// What happens when a hold ends and the newest reading does not pass.
enum class inconclusive_rule : std::uint8_t { extend, rollback, promote };

// How readings are judged (reference: "Judging").
enum class judging_method : std::uint8_t {
  // Each reading is compared with the limits. failure_limit breaches in a row roll back.
  threshold,
  // Evidence is gathered over the whole canary. It is valid however often it is looked at.
  sequential,
};

// What a canary is compared with: the job's limits, the stable arm over the same window, or both.
enum class comparison : std::uint8_t { limit, stable, both };

// What the newest reading of the last hold has to show: nothing against the canary, or that it is
// within its limits.
enum class promotion_rule : std::uint8_t { not_worse, proven };

// A single reading past one of these limits rolls back at once. Empty means no such limit.
struct hard_limits {
  std::optional<double> error_rate = std::nullopt;
  std::optional<double> satisfaction_score = std::nullopt;
  std::optional<double> max_latency_ms = std::nullopt;

  bool operator==(const hard_limits&) const = default;
};

// A further metric of the API's answer. It breaches above its limit, or below it if the limit is a
// minimum.
struct metric_check {
  std::string metric;
  double limit = 0.0;
  bool is_minimum = false;

  bool operator==(const metric_check&) const = default;
};

struct analysis_rules {
  judging_method method = judging_method::threshold;
  comparison compare_to = comparison::limit;
  // The probability that a canary within its limits is rolled back, over its whole life and all
  // tests of the sequential method together.
  double alpha = 0.05;
  // The canary's error rate and latency may be up to this many times the stable arm's.
  double tolerated_ratio = 1.0;
  promotion_rule promote_when = promotion_rule::not_worse;
  bool promote_early = false;
  hard_limits hard;
  // How many consecutive breaches of a metric roll back, instead of failure_limit. Each metric is
  // there at most once.
  std::vector<std::pair<std::string, std::int32_t>> failure_limits;
  // Metrics that are judged and recorded without effect.
  std::vector<std::string> dry_run;
  // Metrics that are judged if they are there, and that may be missing.
  std::vector<std::string> optional;
  // Each metric at most once, and none of the three that rollback_thresholds judges.
  std::vector<metric_check> checks;

  bool operator==(const analysis_rules&) const = default;
};

// The platform of `api`, and of jobs that were stored before there were others.
inline constexpr auto default_platform = "default";

struct job {
  // The configured platform that its bot runs on.
  std::string platform = default_platform;
  std::string bot_id;
  std::string environment_id;
  std::string version;
  // At least one step. The shares rise, and the deploy asks for the first.
  std::vector<traffic_step> steps;
  // The stable arm's share beside the first step, as the file gives it.
  double stable_percent = 0.0;
  double max_traffic_percentage = 0.0;
  thresholds rollback_thresholds;
  bool enable_metric_aggregation = true;
  // Empty: no webhook.
  std::string webhook_url;
  duration validation_interval = std::chrono::seconds{60};
  duration validation_duration = std::chrono::seconds{900};
  std::chrono::minutes window{15};
  std::int64_t min_conversations = 50;
  std::int32_t failure_limit = 1;
  std::int32_t no_data_limit = 0;
  std::int32_t provider_error_limit = 10;
  inconclusive_rule on_inconclusive = inconclusive_rule::extend;
  duration max_extension = std::chrono::seconds{900};
  // An operator has to approve the promote.
  bool approve_promotion = false;
  // How long a gate or a pause may last.
  duration gate_timeout = std::chrono::hours{24};
  analysis_rules analysis;
  std::vector<std::pair<std::string, std::string>> labels;

  bool operator==(const job&) const = default;
};

// The sequential method judges its readings.
bool is_sequential(const job& spec);
// Its readings are compared with rollback_thresholds, with the stable arm, or with both. In the
// last two cases the stable arm is polled as well.
bool compares_with_limits(const job& spec);
bool compares_with_stable(const job& spec);
// The metric, named as in an answer, is judged and recorded without effect.
bool is_dry_run(const job& spec, std::string_view metric);
// The metric, named as in an answer, may be missing.
bool is_optional(const job& spec, std::string_view metric);
// The metrics that the job judges besides the built-in ones, named as in an answer.
std::vector<std::string> further_metrics(const job& spec);

}  // namespace canaryd::job
