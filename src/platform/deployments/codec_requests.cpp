#include "canaryd/job/metric_table.hpp"
#include "canaryd/platform/deployments/codec.hpp"
#include "canaryd/text/secret.hpp"
#include "canaryd/text/text.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string_view.hpp>
#include <fmt/format.h>

#include <cmath>

namespace canaryd::platform::deployments {
namespace {

// Writes one JSON object as text, because Boost.JSON would write 95 as 9.5E1.
class object_text {
 public:
  object_text() = default;
  ~object_text() { text::wipe(members_); }
  object_text(const object_text&) = delete;
  object_text& operator=(const object_text&) = delete;

  void text(std::string_view key, std::string_view value) { raw(key, quoted(value)); }
  void number(std::string_view key, double value) { raw(key, text::shortest_decimal(value)); }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }

  // `json` is a JSON text already.
  void raw(std::string_view key, std::string_view json) {
    members_ += members_.empty() ? "\"" : ",\"";
    members_ += key;
    members_ += "\":";
    members_ += json;
  }

  // Like text(), but leaves no copy of the value in memory, even if a flag is added afterwards.
  void secret(std::string_view key, std::string_view value) {
    auto json = quoted(value);
    const text::wiped_at_end wiped{json};
    std::string grown;
    grown.reserve(members_.size() + key.size() + json.size() + 64);
    grown += members_;
    members_ = std::move(grown);
    raw(key, json);
  }

  std::string str() const {
    std::string whole;
    whole.reserve(members_.size() + 2);
    whole += '{';
    whole += members_;
    whole += '}';
    return whole;
  }

  static std::string quoted(std::string_view value) {
    return boost::json::serialize(boost::json::string_view{value});
  }

 private:
  std::string members_;
};

std::string traffic_text(double stable, double canary) {
  object_text traffic;
  traffic.number("stable", stable);
  traffic.number("canary", canary);
  return traffic.str();
}

std::string thresholds_text(const job::thresholds& limits) {
  object_text thresholds;
  for (const auto& metric : job::built_in_metrics)
    thresholds.number(metric.limit_key, limit_of(limits, metric));
  return thresholds.str();
}

std::string metrics_text(const judge::metrics_sample& sample) {
  object_text metrics;
  for (const auto& metric : job::built_in_metrics) {
    if (const auto& value = value_of(sample, metric))
      metrics.number(metric.name, *value);
  }
  if (sample.conversation_count)
    metrics.raw("conversation_count", fmt::to_string(*sample.conversation_count));
  for (const auto& [name, value] : sample.further)
    metrics.number(name, value);
  return metrics.str();
}

std::string list_text(std::span<const std::string> texts) {
  std::string items;
  for (const auto& text : texts)
    items += (items.empty() ? "" : ",") + object_text::quoted(text);
  return "[" + items + "]";
}

}  // namespace

std::string deploy_body(const job::job& job) {
  object_text body;
  body.text("bot_id", job.bot_id);
  body.text("environment_id", job.environment_id);
  body.text("version", job.version);
  body.raw("traffic_matrix", traffic_text(job.stable_percent, job.steps.front().canary_percent));
  body.raw("rollback_thresholds", thresholds_text(job.rollback_thresholds));
  body.number("max_traffic_percentage", job.max_traffic_percentage);
  body.flag("enable_metric_aggregation", job.enable_metric_aggregation);
  return body.str();
}

std::string traffic_body(double canary_percent) {
  // As doubles, 100 - 5.1 is a little more than 94.9. Nobody means shares to more than nine decimal
  // places.
  const double stable = std::round((100.0 - canary_percent) * 1e9) / 1e9;
  object_text body;
  body.raw("traffic_matrix", traffic_text(stable, canary_percent));
  return body.str();
}

std::string rollback_body(std::string_view reason, const judge::metrics_sample& metrics) {
  object_text body;
  body.text("reason", reason);
  body.raw("metrics", metrics_text(metrics));
  return body.str();
}

std::string promote_body(const judge::metrics_sample& metrics) {
  object_text body;
  body.raw("metrics", metrics_text(metrics));
  return body.str();
}

std::string webhook_body(const webhook& hook, std::string_view secret) {
  object_text body;
  body.text("name", hook.name);
  body.text("url", hook.url);
  body.raw("events", list_text(hook.events));
  body.secret("secret", secret);
  body.flag("active", true);
  return body.str();
}

std::string audit_body(const canary::audit_record& record) {
  object_text body;
  body.text("timestamp", text::format_wall_time(record.timestamp));
  body.text("bot_id", record.bot_id);
  body.text("action", to_string(record.action));
  body.text("status", to_string(record.status));
  body.raw("metrics", metrics_text(record.metrics));
  body.text("source", "canaryd/" CANARYD_VERSION);
  body.text("record_id", record.record_id);
  body.text("job_id", record.job_id);
  if (!record.deployment_id.empty())
    body.text("deployment_id", record.deployment_id);
  body.text("actor", record.actor);
  body.text("reason", record.reason);
  return body.str();
}

std::string window_text(duration window, char unit) {
  if (unit == 's')
    return fmt::format("{}s", std::chrono::ceil<std::chrono::seconds>(window).count());
  return fmt::format("{}m", std::chrono::ceil<std::chrono::minutes>(window).count());
}

}  // namespace canaryd::platform::deployments
