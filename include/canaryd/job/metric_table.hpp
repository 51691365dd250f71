// The built-in metrics, which are judged for every canary: their names, which side of a limit is
// worse, what values they may have, and how they are judged (reference: "Judging"). Whatever reads,
// judges, keeps or writes a built-in metric goes by this table.
#pragma once

#include "canaryd/job/job.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace canaryd::job {

// The side of its limit on which a metric breaches.
enum class worse_side : std::uint8_t { higher, lower };

// Empty for a number that is neither of the two.
constexpr std::string_view to_string(worse_side side) {
  switch (side) {
    case worse_side::higher:
      return "higher";
    case worse_side::lower:
      return "lower";
  }
  return "";
}

// What a metric is the mean of, and so how it is judged.
enum class metric_kind : std::uint8_t {
  // Conversations that failed or did not. They can be counted, so the sequential method tests their
  // number. A multiple of the stable arm's share (tolerated_ratio) is tolerated.
  share,
  // Scores between two bounds. The sequential method tests their mean if the answer tells how many
  // there are. A fixed gap below the stable arm's mean is tolerated.
  score,
  // Amounts without an upper bound, for which there is no test: the sequential method keeps to the
  // threshold rule. A multiple of the stable arm's amount is tolerated.
  amount,
};

enum class metric_id : std::uint8_t { error_rate, satisfaction_score, avg_latency_ms };

struct built_in_metric {
  metric_id id;
  // In the API's answers, in readings, and in a job's `analysis`.
  std::string_view name;
  // Of its limit, in rollback_thresholds and hard_limits.
  std::string_view limit_key;
  worse_side worse;
  metric_kind kind;
  // What its values and limits are counted in.
  std::string_view unit;
  // The values that an answer may have, including both bounds. An infinite one means that there is
  // no upper bound.
  double least;
  double most;
  // A limit is within the same bounds, and may be the least of them.
  bool limit_may_be_least;
  // The members in which a job has its limits.
  double thresholds::* limit;
  std::optional<double> hard_limits::* hard_limit;
};

// In the order of metric_id, in which they are judged, shown and written.
inline constexpr std::array<built_in_metric, 3> built_in_metrics{{
    {.id = metric_id::error_rate,
     .name = "error_rate",
     .limit_key = "error_rate",
     .worse = worse_side::higher,
     .kind = metric_kind::share,
     .unit = "share",
     .least = 0.0,
     .most = 1.0,
     .limit_may_be_least = true,
     .limit = &thresholds::error_rate,
     .hard_limit = &hard_limits::error_rate},
    {.id = metric_id::satisfaction_score,
     .name = "satisfaction_score",
     .limit_key = "satisfaction_score",
     .worse = worse_side::lower,
     .kind = metric_kind::score,
     .unit = "points",
     .least = 0.0,
     .most = 5.0,
     .limit_may_be_least = true,
     .limit = &thresholds::satisfaction_score,
     .hard_limit = &hard_limits::satisfaction_score},
    {.id = metric_id::avg_latency_ms,
     .name = "avg_latency_ms",
     .limit_key = "max_latency_ms",
     .worse = worse_side::higher,
     .kind = metric_kind::amount,
     .unit = "ms",
     .least = 0.0,
     .most = std::numeric_limits<double>::infinity(),
     .limit_may_be_least = false,
     .limit = &thresholds::max_latency_ms,
     .hard_limit = &hard_limits::max_latency_ms},
}};

constexpr const built_in_metric& built_in(metric_id id) {
  return built_in_metrics[static_cast<std::size_t>(id)];
}

// nullptr for any other metric.
constexpr const built_in_metric* find_built_in(std::string_view name) {
  for (const auto& metric : built_in_metrics) {
    if (metric.name == name)
      return &metric;
  }
  return nullptr;
}

// The limit in rollback_thresholds if a job sets none.
constexpr double default_limit(const built_in_metric& metric) {
  return thresholds{}.*metric.limit;
}

// The metric's limit in thresholds or in hard_limits.
template <class Limits>
constexpr auto& limit_of(Limits& limits, const built_in_metric& metric) {
  if constexpr (std::is_same_v<std::remove_const_t<Limits>, thresholds>)
    return limits.*metric.limit;
  else
    return limits.*metric.hard_limit;
}

worse_side worse_of(const metric_check& check);

// The worse side of a built-in metric, or of one of the job's checks. Empty for any other metric.
std::optional<worse_side> worse_of(std::string_view metric, std::span<const metric_check> checks);

}  // namespace canaryd::job
