#include "canaryd/metrics/sample_merge.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace canaryd::metrics {
namespace {

bool has(const judge::metrics_sample& sample, std::string_view name) {
  return std::ranges::any_of(sample.further,
                             [name](const auto& metric) { return metric.first == name; });
}

template <class T>
bool fill_gap(std::optional<T>& gap, const std::optional<T>& filling) {
  if (gap || !filling)
    return false;
  gap = filling;
  return true;
}

// What a rate is a share of comes from where the rate comes from.
void take_count(judge::metrics_sample& sample, const judge::metrics_sample& fallback,
                std::string_view name) {
  const auto is_of = [name](const auto& count) { return count.first == name; };
  std::erase_if(sample.counts, is_of);
  std::ranges::copy_if(fallback.counts, std::back_inserter(sample.counts), is_of);
}

bool has_errors_to_count(const judge::metrics_sample& sample) {
  return sample.error_rate && sample.conversation_count;
}

bool fill_errors(judge::metrics_sample& sample, const judge::metrics_sample& fallback,
                 bool are_counted) {
  if (!are_counted) {
    const bool filled = fill_gap(sample.error_rate, fallback.error_rate);
    if (filled)
      take_count(sample, fallback, "error_rate");
    return fill_gap(sample.conversation_count, fallback.conversation_count) || filled;
  }
  if (has_errors_to_count(sample) || !has_errors_to_count(fallback))
    return false;
  sample.error_rate = fallback.error_rate;
  sample.conversation_count = fallback.conversation_count;
  take_count(sample, fallback, "error_rate");
  return true;
}

bool fill_score(judge::metrics_sample& sample, const judge::metrics_sample& fallback) {
  if (!fill_gap(sample.satisfaction_score, fallback.satisfaction_score))
    return false;
  sample.satisfaction_count = fallback.satisfaction_count;
  return true;
}

bool fill_further(judge::metrics_sample& sample, const judge::metrics_sample& fallback) {
  const auto before = sample.further.size();
  for (const auto& metric : fallback.further) {
    if (has(sample, metric.first))
      continue;
    sample.further.push_back(metric);
    take_count(sample, fallback, metric.first);
  }
  return sample.further.size() > before;
}

}  // namespace

bool is_complete(const judge::metrics_sample& sample, std::span<const std::string> further) {
  return sample.conversation_count &&
         std::ranges::all_of(
             job::built_in_metrics,
             [&](const auto& metric) { return value_of(sample, metric).has_value(); }) &&
         std::ranges::all_of(further, [&](const auto& name) { return has(sample, name); });
}

judge::sourced_sample merge(judge::metrics_sample primary, const judge::metrics_sample& fallback,
                            bool are_counted) {
  bool merged = fill_errors(primary, fallback, are_counted);
  merged |= fill_score(primary, fallback);
  merged |= fill_gap(primary.avg_latency_ms, fallback.avg_latency_ms);
  merged |= fill_further(primary, fallback);
  return {.sample = std::move(primary),
          .source = merged ? judge::metrics_source::merged : judge::metrics_source::primary};
}

}  // namespace canaryd::metrics
