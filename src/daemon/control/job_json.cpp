#include "canaryd/daemon/control/job_json.hpp"

#include "canaryd/daemon/tell/result_file.hpp"
#include "canaryd/judge/reading_json.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

double seconds_of(duration time) {
  return std::chrono::duration<double>{time}.count();
}

json::value next_check(const canary::canary& current, view_time at) {
  if (!canary::is_watched(current))
    return nullptr;
  const auto left = std::max(current.hold.next_due - at.now, duration::zero());
  return json::value(
      text::format_wall_time(at.wall + std::chrono::duration_cast<wall_time::duration>(left)));
}

json::value hold_remaining(const canary::canary& current, view_time at) {
  if (!canary::is_holding(current))
    return nullptr;
  const auto left = canary::left_of_hold(current, at.now);
  return seconds_of(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::max(left, duration::zero())));
}

}  // namespace

double traffic_of(const job::job& spec, const canary::canary& current) {
  switch (state_of(current)) {
    case canary::canary_state::queued:
    case canary::canary_state::deploying:
    case canary::canary_state::rolled_back:
    case canary::canary_state::failed:
      return 0.0;
    case canary::canary_state::promoted_to_stable:
      return 100.0;
    default:
      break;
  }
  const auto step = static_cast<std::size_t>(current.hold.step);
  if (has_no_traffic_left(current) || current.deployment_id.empty() || step >= spec.steps.size())
    return 0.0;
  return spec.steps[step].canary_percent;
}

json::object view_job(const job::job& spec, const canary::canary& current, view_time at) {
  auto view = describe_job(spec, current);
  view["state"] = to_string(state_of(current));
  view["step"] = current.hold.step + 1;
  view["traffic"] = traffic_of(spec, current);
  view["next_check_at"] = next_check(current, at);
  view["hold_remaining_s"] = hold_remaining(current, at);
  view["detail"] = current.detail;
  if (state_of(current) == canary::canary_state::waiting_approval && current.hold.approved)
    view["approved"] = true;
  return view;
}

json::object view_unreadable(const store::unreadable_job& lost) {
  return {{"job_id", lost.job_id},
          {"platform", nullptr},
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

json::object view_reading(const judge::reading& taken, std::span<const job::metric_check> checks) {
  json::object metrics;
  for (auto metric : taken.metrics) {
    if (!metric.worse)
      metric.worse = job::worse_of(metric.name, checks);
    metrics[metric.name] = judge::metric_to_json(metric);
  }
  json::object view{
      {"at", text::format_wall_time(taken.at)},
      {"verdict", to_string(taken.outcome)},
      {"source", to_string(taken.source)},
      {"window_s", seconds_of(taken.window)},
      {"conversations", taken.conversations ? json::value(*taken.conversations) : json::value{}},
      {"metrics", std::move(metrics)}};
  if (!taken.problem.empty())
    view["problem"] = taken.problem;
  return view;
}

}  // namespace canaryd::daemon
