#include "canaryd/daemon/job_view.hpp"

#include "canaryd/core/reading_json.hpp"
#include "canaryd/core/wall_text.hpp"
#include "canaryd/daemon/result_file.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

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
  if (current.state == core::canary_state::waiting_approval && current.hold.approved)
    view["approved"] = true;
  return view;
}

json::object view_unreadable(const store::unreadable_job& lost) {
  return {{"job_id", lost.job_id},
          {"bot_id", lost.bot_id},
          {"environment_id", lost.environment_id},
          {"version", lost.version},
          {"deployment_id",
           lost.deployment_id.empty() ? json::value{} : json::value(lost.deployment_id)},
          {"status", "unreadable"},
          {"reason", nullptr},
          {"final_metrics", nullptr},
          {"verified", nullptr},
          {"started_at", nullptr},
          {"ended_at", nullptr},
          {"steps", json::array{}},
          {"readings", json::object{}},
          {"labels", json::object{}},
          {"state", "unreadable"},
          {"step", nullptr},
          {"traffic", nullptr},
          {"next_check_at", nullptr},
          {"hold_remaining_s", nullptr},
          {"detail", fmt::format("last stored as {}; {}", lost.state, lost.problem)}};
}

std::string why_untouched(const store::unreadable_job& lost) {
  return fmt::format(
      "its stored state cannot be read ({}), so the daemon leaves it alone: start a version that "
      "can read it, or settle its deployment in Cognigy",
      lost.problem);
}

json::object view_reading(const core::reading& taken) {
  json::object metrics;
  for (const auto& metric : taken.metrics)
    metrics[metric.name] = core::metric_to_json(metric);
  json::object view{
      {"at", core::format_wall_time(taken.at)},
      {"verdict", core::to_string(taken.outcome)},
      {"source", core::to_string(taken.source)},
      {"window_s", seconds_of(taken.window)},
      {"conversations", taken.conversations ? json::value(*taken.conversations) : json::value{}},
      {"metrics", std::move(metrics)}};
  if (!taken.problem.empty())
    view["problem"] = taken.problem;
  return view;
}

}  // namespace canaryd::daemon
