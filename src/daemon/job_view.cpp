#include "canaryd/daemon/job_view.hpp"

#include "canaryd/core/wall_text.hpp"
#include "canaryd/daemon/result_file.hpp"

#include <algorithm>
#include <cmath>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

double seconds_of(core::duration time) {
  return std::chrono::duration<double>{time}.count();
}

json::value next_check(const core::canary& current, view_time at) {
  if (!core::is_watched(current))
    return nullptr;
  const auto left = std::max(current.hold.next_due - at.now, core::duration::zero());
  return json::value(core::format_wall_time(
      at.wall + std::chrono::duration_cast<core::wall_time::duration>(left)));
}

json::value hold_remaining(const core::canary& current, view_time at) {
  if (!core::is_holding(current))
    return nullptr;
  const auto& hold = current.hold;
  const auto left = hold.paused_since ? hold.left : hold.ends - at.now;
  return seconds_of(std::chrono::duration_cast<std::chrono::milliseconds>(
      std::max(left, core::duration::zero())));
}

// JSON has no infinity. Bets may be won by more than a number can say.
json::value finite(std::optional<double> value) {
  constexpr double largest = 1e300;
  if (!value || std::isnan(*value))
    return nullptr;
  return std::clamp(*value, -largest, largest);
}

json::object view_evidence(const core::test_evidence& gathered) {
  return {{"against", finite(gathered.against)}, {"within", finite(gathered.within)},
          {"needed", finite(gathered.needed)},   {"trials", gathered.trials},
          {"events", finite(gathered.events)},   {"rounding", finite(gathered.rounding)}};
}

json::object view_metric(const core::judged_metric& metric) {
  json::object view{{"value", finite(metric.value)},
                    {"limit", finite(metric.limit)},
                    {"verdict", core::to_string(metric.outcome)}};
  if (metric.stable)
    view["stable"] = finite(metric.stable);
  if (metric.dry_run)
    view["dry_run"] = true;
  if (metric.past_hard_limit)
    view["past_hard_limit"] = true;
  if (metric.evidence)
    view["evidence"] = view_evidence(*metric.evidence);
  return view;
}

}  // namespace

double traffic_of(const core::job& spec, const core::canary& current) {
  switch (current.state) {
    case core::canary_state::queued:
    case core::canary_state::deploying:
    case core::canary_state::rolled_back:
    case core::canary_state::failed:
      return 0.0;
    case core::canary_state::promoted_to_stable:
      return 100.0;
    default:
      break;
  }
  const auto step = static_cast<std::size_t>(current.hold.step);
  if (current.rollback.traffic_removed || current.deployment_id.empty() ||
      step >= spec.steps.size())
    return 0.0;
  return spec.steps[step].canary_percent;
}

json::object view_job(const core::job& spec, const core::canary& current, view_time at) {
  auto view = describe_job(spec, current);
  view["state"] = core::to_string(current.state);
  view["step"] = current.hold.step + 1;
  view["traffic"] = traffic_of(spec, current);
  view["next_check_at"] = next_check(current, at);
  view["hold_remaining_s"] = hold_remaining(current, at);
  view["detail"] = current.detail;
  return view;
}

json::object view_reading(const core::reading& taken) {
  json::object metrics;
  for (const auto& metric : taken.metrics)
    metrics[metric.name] = view_metric(metric);
  return {
      {"at", core::format_wall_time(taken.at)},
      {"verdict", core::to_string(taken.outcome)},
      {"source", core::to_string(taken.source)},
      {"window_s", seconds_of(taken.window)},
      {"conversations", taken.conversations ? json::value(*taken.conversations) : json::value{}},
      {"metrics", std::move(metrics)}};
}

}  // namespace canaryd::daemon
