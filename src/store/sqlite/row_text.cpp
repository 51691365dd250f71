#include "row_text.hpp"

#include "canaryd/canary/canary_json.hpp"
#include "canaryd/job/metric_table.hpp"
#include "canaryd/judge/reading_json.hpp"
#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/wall_text.hpp"

namespace canaryd::store {
namespace json = boost::json;
namespace {

std::string compact(const json::value& value) {
  return text::write_json(value, text::json_layout::compact);
}

}  // namespace

std::optional<std::string> text_or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>{text};
}

std::optional<std::string> time_or_null(wall_time time) {
  return time == wall_time{} ? std::nullopt : std::optional{text::format_wall_time(time)};
}

std::string judged_metrics_text(const judge::reading& taken) {
  json::object metrics;
  for (const auto& metric : taken.metrics)
    metrics[metric.name] = judge::metric_to_json(metric);
  return compact(metrics);
}

result<std::vector<judge::judged_metric>> parse_judged_metrics(std::string_view text) {
  json::error_code ec;
  const auto parsed = text::parse_json(text, ec);
  const auto* all = ec ? nullptr : parsed.if_object();
  if (all == nullptr)
    return failure(fault::malformed, "stored metrics are not a JSON object");
  std::vector<judge::judged_metric> metrics;
  for (const auto& member : *all) {
    auto judged = judge::metric_from_json(member.value());
    if (!judged)
      return failure(fault::malformed,
                     "a stored metric has no value, limit or verdict, or is broken");
    judged->name = member.key();
    metrics.push_back(*std::move(judged));
  }
  return metrics;
}

std::string canary_text(const canary::canary& current, const json::object& unknown) {
  auto written = canary::canary_to_json(current);
  canary::keep_unknown(written, current, unknown);
  return compact(written);
}

result<stored_canary> parse_canary(std::string_view text) {
  json::error_code ec;
  const auto parsed = text::parse_json(text, ec);
  if (ec)
    return failure(fault::malformed, "a stored canary is not JSON: " + ec.message());
  auto current = canary::canary_from_json(parsed);
  if (!current)
    return std::unexpected{std::move(current.error())};
  auto unknown = canary::unknown_members(parsed);
  if (!canary::has_only_finite_numbers(unknown))
    return failure(fault::malformed, "a stored canary has a number that is out of range");
  return stored_canary{*std::move(current), std::move(unknown)};
}

std::string platform_of(std::string_view stored_spec) {
  boost::json::error_code broken;
  const auto spec = text::parse_json(stored_spec, broken);
  const auto* members = broken ? nullptr : spec.if_object();
  const auto* named = members != nullptr ? members->if_contains("platform") : nullptr;
  return named != nullptr && named->is_string() ? std::string{named->get_string()}
                                                : std::string{job::default_platform};
}

std::string deployment_key(const std::string& platform, const std::string& deployment_id) {
  // The line break is unambiguous, because no id has a control character.
  return platform == job::default_platform ? deployment_id : platform + "\n" + deployment_id;
}

}  // namespace canaryd::store
