#include "row_text.hpp"

#include "canaryd/core/canary_json.hpp"
#include "canaryd/core/enum_word.hpp"
#include "canaryd/core/job_file.hpp"
#include "canaryd/core/json_write.hpp"
#include "canaryd/core/wall_text.hpp"

#include <boost/json/parse.hpp>

namespace canaryd::store {
namespace json = boost::json;
namespace {

std::unexpected<core::error> malformed(std::string text) {
  return std::unexpected{core::error{.kind = core::fault::malformed, .text = std::move(text)}};
}

std::string compact(const json::value& value) {
  return core::write_json(value, core::json_layout::compact);
}

bool read_judged(const json::value& text, core::judged_metric& into) {
  const auto* members = text.if_object();
  const auto* value = members == nullptr ? nullptr : members->if_contains("value");
  const auto* limit = members == nullptr ? nullptr : members->if_contains("limit");
  const auto* word = members == nullptr ? nullptr : members->if_contains("verdict");
  if (value == nullptr || limit == nullptr || word == nullptr || !limit->is_number() ||
      !word->is_string() || (!value->is_null() && !value->is_number()))
    return false;
  const auto outcome = core::from_word<core::verdict>(word->get_string());
  if (!value->is_null())
    into.value = value->to_number<double>();
  into.limit = limit->to_number<double>();
  into.outcome = outcome.value_or(core::verdict::no_data);
  return outcome.has_value();
}

}  // namespace

std::optional<std::string> text_or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>{text};
}

std::optional<std::string> time_or_null(core::wall_time time) {
  return time == core::wall_time{} ? std::nullopt : std::optional{core::format_wall_time(time)};
}

std::string judged_metrics_text(const core::reading& taken) {
  json::object metrics;
  for (const auto& metric : taken.metrics) {
    json::object judged;
    judged["value"] = metric.value ? json::value(*metric.value) : json::value{};
    judged["limit"] = metric.limit;
    judged["verdict"] = core::to_string(metric.outcome);
    metrics[metric.name] = std::move(judged);
  }
  return compact(metrics);
}

core::result<std::vector<core::judged_metric>> parse_judged_metrics(std::string_view text) {
  json::error_code ec;
  const auto parsed = json::parse(text, ec);
  const auto* all = ec ? nullptr : parsed.if_object();
  if (all == nullptr)
    return malformed("stored metrics are not a JSON object");
  std::vector<core::judged_metric> metrics;
  for (const auto& member : *all) {
    core::judged_metric judged;
    if (!read_judged(member.value(), judged))
      return malformed("a stored metric has no value, limit or verdict");
    judged.name = member.key();
    metrics.push_back(std::move(judged));
  }
  return metrics;
}

std::string sample_text(const core::metrics_sample& sample) {
  json::object metrics;
  if (sample.error_rate)
    metrics["error_rate"] = *sample.error_rate;
  if (sample.satisfaction_score)
    metrics["satisfaction_score"] = *sample.satisfaction_score;
  if (sample.avg_latency_ms)
    metrics["avg_latency_ms"] = *sample.avg_latency_ms;
  if (sample.conversation_count)
    metrics["conversation_count"] = *sample.conversation_count;
  return compact(metrics);
}

core::result<core::metrics_sample> parse_sample(std::string_view text) {
  json::error_code ec;
  const auto parsed = json::parse(text, ec);
  const auto* metrics = ec ? nullptr : parsed.if_object();
  if (metrics == nullptr)
    return malformed("stored metrics are not a JSON object");
  const auto number = [&]<class T>(std::string_view name, std::optional<T>& into) {
    if (const auto* found = metrics->if_contains(name); found != nullptr && !ec)
      into = found->to_number<T>(ec);
  };
  core::metrics_sample sample;
  number("error_rate", sample.error_rate);
  number("satisfaction_score", sample.satisfaction_score);
  number("avg_latency_ms", sample.avg_latency_ms);
  number("conversation_count", sample.conversation_count);
  if (ec)
    return malformed("a stored metric is not a number");
  return sample;
}

std::string canary_text(const core::canary& current) {
  return compact(core::canary_to_json(current));
}

core::result<core::canary> parse_canary(std::string_view text) {
  json::error_code ec;
  const auto parsed = json::parse(text, ec);
  if (ec)
    return malformed("a stored canary is not JSON: " + ec.message());
  return core::canary_from_json(parsed);
}

core::result<core::job> parse_spec(std::string_view text) {
  static const core::job_rules lenient{.min_interval = {},
                                       .webhook_secret_configured = true,
                                       .window_unit = std::chrono::seconds{1},
                                       .defaults = {}};
  auto spec = core::parse_job_file(text, lenient);
  if (!spec)
    return malformed("a stored job file: " + core::describe(spec.error().front(), "spec"));
  return *std::move(spec);
}

}  // namespace canaryd::store
