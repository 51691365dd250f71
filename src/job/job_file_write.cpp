#include "canaryd/job/job_file.hpp"
#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "job_file_words.hpp"
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::job {
namespace {

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string{text.data(), text.size()});
}

std::string quoted(duration length) {
  return quoted(text::format_duration(length));
}

template <class T>
std::string quoted(const words<T>& known, T value) {
  return quoted(std::ranges::find(known, value, &std::pair<std::string, T>::second)->first);
}

std::string_view truth(bool value) {
  return value ? "true" : "false";
}

std::string labels_of(const job& source) {
  std::vector<std::string> pairs;
  for (const auto& [key, value] : source.labels)
    pairs.push_back(fmt::format("{}: {}", quoted(key), quoted(value)));
  return fmt::format("{{{}}}", fmt::join(pairs, ", "));
}

std::string shares_of(const job& source) {
  return fmt::format(R"({{"stable": {}, "canary": {}}})",
                     text::shortest_decimal(source.stable_percent),
                     text::shortest_decimal(source.steps.front().canary_percent));
}

std::string steps_of(const job& source) {
  std::vector<std::string> steps;
  for (const auto& step : source.steps)
    steps.push_back(fmt::format(R"({{"canary": {}, "hold": {}, "approve": {}}})",
                                text::shortest_decimal(step.canary_percent), quoted(step.hold),
                                truth(step.approve)));
  return fmt::format("[{}]", fmt::join(steps, ", "));
}

std::string thresholds_of(const job& source) {
  std::vector<std::string> pairs;
  for (const auto& metric : built_in_metrics)
    pairs.push_back(
        fmt::format(R"("{}": {})", metric.limit_key,
                    text::shortest_decimal(limit_of(source.rollback_thresholds, metric))));
  return fmt::format("{{{}}}", fmt::join(pairs, ", "));
}

std::string hard_limits_of(const hard_limits& limits) {
  std::vector<std::string> pairs;
  for (const auto& metric : built_in_metrics) {
    if (const auto& limit = limit_of(limits, metric))
      pairs.push_back(fmt::format(R"("{}": {})", metric.limit_key, text::shortest_decimal(*limit)));
  }
  return fmt::format("{{{}}}", fmt::join(pairs, ", "));
}

std::string failure_limits_of(const analysis_rules& rules) {
  std::vector<std::string> pairs;
  for (const auto& [metric, limit] : rules.failure_limits)
    pairs.push_back(fmt::format("{}: {}", quoted(metric), limit));
  return fmt::format("{{{}}}", fmt::join(pairs, ", "));
}

std::string list_of(const std::vector<std::string>& metrics) {
  std::vector<std::string> names;
  for (const auto& metric : metrics)
    names.push_back(quoted(metric));
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string checks_of(const analysis_rules& rules) {
  std::vector<std::string> checks;
  for (const auto& check : rules.checks)
    checks.push_back(fmt::format(R"({{"metric": {}, "{}": {}}})", quoted(check.metric),
                                 check.is_minimum ? "min" : "max",
                                 text::shortest_decimal(check.limit)));
  return fmt::format("[{}]", fmt::join(checks, ", "));
}

std::string analysis_of(const analysis_rules& rules) {
  std::vector<std::string> pairs;
  const auto pair = [&](std::string_view key, std::string_view value) {
    pairs.push_back(fmt::format(R"("{}": {})", key, value));
  };
  pair("method", quoted(method_words(), rules.method));
  pair("compare_to", quoted(comparison_words(), rules.compare_to));
  pair("alpha", text::shortest_decimal(rules.alpha));
  pair("tolerated_ratio", text::shortest_decimal(rules.tolerated_ratio));
  pair("promote_when", quoted(promotion_words(), rules.promote_when));
  pair("promote_early", truth(rules.promote_early));
  pair("hard_limits", hard_limits_of(rules.hard));
  pair("failure_limits", failure_limits_of(rules));
  pair("dry_run", list_of(rules.dry_run));
  pair("optional", list_of(rules.optional));
  pair("checks", checks_of(rules));
  return fmt::format("{{{}}}", fmt::join(pairs, ", "));
}

// One step is what traffic_matrix and validation_duration say, unless it has a hold of its own.
bool needs_steps(const job& source) {
  return source.steps.size() > 1 || source.steps.front().hold != source.validation_duration;
}

}  // namespace

std::string write_job_file(const job& source) {
  std::vector<std::string> lines;
  const auto line = [&](std::string_view key, std::string_view value) {
    lines.push_back(fmt::format(R"(  "{}": {})", key, value));
  };
  if (source.platform != default_platform)
    line("platform", quoted(source.platform));
  line("bot_id", quoted(source.bot_id));
  line("environment_id", quoted(source.environment_id));
  line("version", quoted(source.version));
  line("traffic_matrix", shares_of(source));
  line("max_traffic_percentage", text::shortest_decimal(source.max_traffic_percentage));
  line("rollback_thresholds", thresholds_of(source));
  line("enable_metric_aggregation", truth(source.enable_metric_aggregation));
  if (!source.webhook_url.empty())
    line("webhook_url", quoted(source.webhook_url));
  line("validation_interval", quoted(source.validation_interval));
  line("validation_duration", quoted(source.validation_duration));
  line("window_minutes", std::to_string(source.window.count()));
  line("min_conversations", std::to_string(source.min_conversations));
  line("failure_limit", std::to_string(source.failure_limit));
  line("no_data_limit", std::to_string(source.no_data_limit));
  line("provider_error_limit", std::to_string(source.provider_error_limit));
  line("on_inconclusive", quoted(inconclusive_words(), source.on_inconclusive));
  line("max_extension", quoted(source.max_extension));
  if (needs_steps(source))
    line("steps", steps_of(source));
  line("approve_promotion", truth(source.approve_promotion));
  line("gate_timeout", quoted(source.gate_timeout));
  line("analysis", analysis_of(source.analysis));
  line("labels", labels_of(source));
  return fmt::format("{{\n{}\n}}\n", fmt::join(lines, ",\n"));
}

}  // namespace canaryd::job
