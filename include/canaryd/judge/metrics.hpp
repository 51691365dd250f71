// The metrics of one arm over one window, as the API reports them.
#pragma once

#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/decimal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::judge {

// Empty values were missing or null in the answer. All values are within the bounds of
// job/metric_table.hpp, because platform/deployments/codec.hpp lets no others through.
struct metrics_sample {
  std::optional<text::decimal> error_rate = std::nullopt;
  std::optional<text::decimal> satisfaction_score = std::nullopt;
  std::optional<text::decimal> avg_latency_ms = std::nullopt;
  std::optional<std::int64_t> conversation_count = std::nullopt;
  // How many of the conversations were given a score; not every API says so.
  std::optional<std::int64_t> satisfaction_count = std::nullopt;
  // Other metrics that were asked for, by name, in any order; those missing in the answer are left
  // out.
  std::vector<std::pair<std::string, text::decimal>> further = {};
  // What the rates among these metrics are shares of, by the metric's name, each greater than 0. A
  // source that counts something other than conversations says so here.
  std::vector<std::pair<std::string, std::int64_t>> counts = {};

  bool operator==(const metrics_sample&) const = default;
};

// The value of a built-in metric.
template <class Sample>
constexpr auto& value_of(Sample& sample, const job::built_in_metric& metric) {
  switch (metric.id) {
    case job::metric_id::error_rate:
      return sample.error_rate;
    case job::metric_id::satisfaction_score:
      return sample.satisfaction_score;
    case job::metric_id::avg_latency_ms:
      break;
  }
  return sample.avg_latency_ms;
}

// Where a sample came from: the metrics call, the configured fallback, or one with its gaps filled
// from the other. `unknown` stands for a word that only another version of this program knows.
enum class metrics_source : std::uint8_t { primary, fallback, merged, unknown };

struct sourced_sample {
  metrics_sample sample;
  metrics_source source = metrics_source::primary;
};

}  // namespace canaryd::judge
