#include "canaryd/core/judge.hpp"

#include <algorithm>
#include <functional>

namespace canaryd::core {
namespace {

template <class Breaches>
judged_metric judge_metric(std::string name, std::optional<double> value, double limit,
                           Breaches breaches) {
  auto outcome = verdict::no_data;
  if (value)
    outcome = breaches(*value, limit) ? verdict::breach : verdict::pass;
  return {std::move(name), value, limit, outcome};
}

bool too_few(const job& spec, const std::optional<std::int64_t>& conversations) {
  return spec.min_conversations > 0 && conversations.value_or(0) < spec.min_conversations;
}

bool any(const std::vector<judged_metric>& metrics, verdict outcome) {
  return std::ranges::find(metrics, outcome, &judged_metric::outcome) != metrics.end();
}

verdict verdict_of(const job& spec, const reading& taken) {
  if (too_few(spec, taken.conversations) || any(taken.metrics, verdict::no_data))
    return verdict::no_data;
  return any(taken.metrics, verdict::breach) ? verdict::breach : verdict::pass;
}

}  // namespace

reading judge(const job& spec, const result<sourced_sample>& poll, wall_time at, duration window) {
  reading taken;
  taken.at = at;
  taken.window = window;
  if (!poll) {
    taken.outcome = verdict::provider_error;
    taken.problem = poll.error().text;
    return taken;
  }
  const auto& sample = poll->sample;
  const auto& limits = spec.rollback_thresholds;
  taken.source = poll->source;
  taken.conversations = sample.conversation_count;
  taken.metrics = {
      judge_metric("error_rate", sample.error_rate, limits.error_rate, std::greater<>{}),
      judge_metric("satisfaction_score", sample.satisfaction_score, limits.satisfaction_score,
                   std::less<>{}),
      judge_metric("avg_latency_ms", sample.avg_latency_ms, limits.max_latency_ms,
                   std::greater<>{})};
  taken.outcome = verdict_of(spec, taken);
  return taken;
}

}  // namespace canaryd::core
