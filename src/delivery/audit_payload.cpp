#include "canaryd/delivery/audit_payload.hpp"

#include "canaryd/canary/canary_json.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/enum_word.hpp"
#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace canaryd::delivery {
namespace json = boost::json;
namespace {

constexpr std::string_view audit_record_kind = "audit_record";
constexpr const char* audit_api = "audit:api";

json::object metrics_to_json(const judge::metrics_sample& sample) {
  json::object metrics;
  for (const auto& metric : job::built_in_metrics) {
    if (const auto& value = value_of(sample, metric))
      metrics[metric.name] = double{*value};
  }
  if (sample.conversation_count)
    metrics["conversation_count"] = *sample.conversation_count;
  for (const auto& [name, value] : sample.further)
    metrics[name] = double{value};
  return metrics;
}

result<judge::metrics_sample> metrics_from_json(const json::value* found) {
  const auto* metrics = found == nullptr ? nullptr : found->if_object();
  if (metrics == nullptr)
    return failure(fault::malformed, "its metrics are not a JSON object");
  judge::metrics_sample sample;
  json::error_code ec;
  for (const auto& [name, value] : *metrics) {
    if (const auto* known = job::find_built_in(name))
      value_of(sample, *known) = value.to_number<double>(ec);
    else if (name == "conversation_count")
      sample.conversation_count = value.to_number<std::int64_t>(ec);
    else
      sample.further.emplace_back(name, value.to_number<double>(ec));
    if (ec)
      return failure(fault::malformed, "a stored metric is not a number");
  }
  if (!canary::has_only_finite_numbers(*metrics))
    return failure(fault::malformed, "a stored metric is out of range");
  return sample;
}

// Returns an empty text if there is none.
std::string text_of(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  const auto* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

result<canary::audit_record> record_from_json(const json::object& from) {
  auto id = text_of(from, "record_id");
  const auto timestamp = text::parse_wall_time(text_of(from, "timestamp"));
  const auto action = text::from_word<canary::audit_action>(text_of(from, "action"));
  const auto status = text::from_word<canary::audit_status>(text_of(from, "status"));
  auto metrics = metrics_from_json(from.if_contains("metrics"));
  if (!action)
    return failure(fault::malformed, "its action is not known");
  if (!status)
    return failure(fault::malformed, "its status is not known");
  if (!metrics)
    return std::unexpected{std::move(metrics.error())};
  if (!timestamp)
    return failure(fault::malformed, "its time is not a valid time");
  if (id.empty())
    return failure(fault::malformed, "it has no id");
  return canary::audit_record{.record_id = std::move(id),
                              .timestamp = *timestamp,
                              .job_id = text_of(from, "job_id"),
                              .bot_id = text_of(from, "bot_id"),
                              .deployment_id = text_of(from, "deployment_id"),
                              .action = *action,
                              .status = *status,
                              .metrics = *std::move(metrics),
                              .actor = text_of(from, "actor"),
                              .reason = text_of(from, "reason")};
}

}  // namespace

std::string audit_destination(const std::string& platform) {
  return platform == job::default_platform ? audit_api : audit_api + (":" + platform);
}

store::delivery make_audit_delivery(std::string destination, const audit_payload& told) {
  const auto& record = told.record;
  const json::object payload{{"record_id", record.record_id},
                             {"timestamp", text::format_wall_time(record.timestamp)},
                             {"job_id", record.job_id},
                             {"bot_id", record.bot_id},
                             {"deployment_id", record.deployment_id},
                             {"action", to_string(record.action)},
                             {"status", to_string(record.status)},
                             {"actor", record.actor},
                             {"reason", record.reason},
                             {"base_url", told.base_url},
                             {"metrics", metrics_to_json(record.metrics)}};
  return {.id = record.record_id,
          .destination = std::move(destination),
          .kind = std::string{audit_record_kind},
          .order_key = record.job_id,
          .payload = text::write_json(payload, text::json_layout::compact),
          .created_at = record.timestamp};
}

result<audit_payload> read_audit_delivery(const store::delivery& from) {
  if (from.kind != audit_record_kind)
    return failure(fault::malformed, "its kind is not known");
  json::error_code ec;
  const auto parsed = text::parse_json(from.payload, ec);
  const auto* payload = ec ? nullptr : parsed.if_object();
  if (payload == nullptr)
    return failure(fault::malformed, "its payload is not a JSON object");
  auto record = record_from_json(*payload);
  if (!record)
    return std::unexpected{std::move(record.error())};
  return audit_payload{*std::move(record), text_of(*payload, "base_url")};
}

}  // namespace canaryd::delivery
