#include "canaryd/core/duration_text.hpp"
#include "canaryd/core/job_file.hpp"
#include "canaryd/core/text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace canaryd::core {
namespace {

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string{text.data(), text.size()});
}

std::string quoted(duration length) {
  return quoted(format_duration(length));
}

std::string_view word_of(inconclusive_rule rule) {
  switch (rule) {
    case inconclusive_rule::extend:
      return "extend";
    case inconclusive_rule::rollback:
      return "rollback";
    case inconclusive_rule::promote:
      return "promote";
  }
  return {};
}

std::string labels_of(const job& source) {
  std::vector<std::string> pairs;
  for (const auto& [key, value] : source.labels)
    pairs.push_back(fmt::format("{}: {}", quoted(key), quoted(value)));
  return fmt::format("{{{}}}", fmt::join(pairs, ", "));
}

std::string shares_of(const job& source) {
  return fmt::format(R"({{"stable": {}, "canary": {}}})", shortest_decimal(source.stable_percent),
                     shortest_decimal(source.steps.front().canary_percent));
}

std::string thresholds_of(const job& source) {
  const auto& limits = source.rollback_thresholds;
  return fmt::format(R"({{"error_rate": {}, "satisfaction_score": {}, "max_latency_ms": {}}})",
                     shortest_decimal(limits.error_rate),
                     shortest_decimal(limits.satisfaction_score),
                     shortest_decimal(limits.max_latency_ms));
}

}  // namespace

std::string write_job_file(const job& source) {
  std::vector<std::string> lines;
  const auto line = [&](std::string_view key, const std::string& value) {
    lines.push_back(fmt::format(R"(  "{}": {})", key, value));
  };
  line("bot_id", quoted(source.bot_id));
  line("environment_id", quoted(source.environment_id));
  line("version", quoted(source.version));
  line("traffic_matrix", shares_of(source));
  line("max_traffic_percentage", shortest_decimal(source.max_traffic_percentage));
  line("rollback_thresholds", thresholds_of(source));
  line("enable_metric_aggregation", source.enable_metric_aggregation ? "true" : "false");
  if (!source.webhook_url.empty())
    line("webhook_url", quoted(source.webhook_url));
  line("validation_interval", quoted(source.validation_interval));
  line("validation_duration", quoted(source.validation_duration));
  line("window_minutes", std::to_string(source.window.count()));
  line("min_conversations", std::to_string(source.min_conversations));
  line("failure_limit", std::to_string(source.failure_limit));
  line("no_data_limit", std::to_string(source.no_data_limit));
  line("provider_error_limit", std::to_string(source.provider_error_limit));
  line("on_inconclusive", quoted(word_of(source.on_inconclusive)));
  line("max_extension", quoted(source.max_extension));
  line("gate_timeout", quoted(source.gate_timeout));
  line("labels", labels_of(source));
  return fmt::format("{{\n{}\n}}\n", fmt::join(lines, ",\n"));
}

}  // namespace canaryd::core
