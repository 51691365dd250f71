#include "canaryd/platform/deployments/codec.hpp"
#include "canaryd/platform/json_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace canaryd::platform::deployments {
namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

template <class T>
parsed<T> finish(const json_answer& answer, T value) {
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return value;
}

// True if the body has nothing but white space.
bool is_blank(std::string_view body) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (body.starts_with(byte_order_mark))
    body.remove_prefix(byte_order_mark.size());
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// An id becomes one segment of a path. "." and ".." mean this folder and the one above, even if
// they are written as %2E.
bool is_usable_id(std::string_view id) {
  constexpr std::size_t longest = 1024;
  return id != "." && id != ".." && id.size() <= longest;
}

std::string read_id(json_answer& answer, const boost::json::object& from) {
  auto id = answer.id(from, {"deploymentId", "deployment_id"});
  if (is_usable_id(id))
    return id;
  answer.complain("the deploymentId cannot be part of a path");
  return {};
}

std::optional<double> read_canary_percent(json_answer& answer, const boost::json::object& from) {
  const auto* traffic = from.if_contains("traffic_matrix");
  if (traffic == nullptr || traffic->is_null())
    return std::nullopt;
  const auto* shares = answer.object(*traffic, "traffic_matrix");
  return shares == nullptr ? std::nullopt : answer.number(*shares, "canary", 0.0, 100.0);
}

// Reads all but the share of the traffic. A date is a text, or a number of any unit, because it is
// only shown and compared.
canary::deployment read_deployment(json_answer& answer, const boost::json::object& from) {
  return {.id = read_id(answer, from),
          .version = answer.word(from, {"version"}),
          .status = answer.text(from, {"status"}),
          .canary_percent = {},
          .bot_id = answer.word(from, {"bot_id", "botId"}),
          .environment_id = answer.word(from, {"environment_id", "environmentId"}),
          .created_at = answer.word(from, {"created_at", "createdAt"})};
}

canary::deployment read_listed_deployment(json_answer& answer, const boost::json::value& from) {
  const auto* fields = answer.object(from, "a deployment");
  if (fields == nullptr)
    return {};
  auto found = read_deployment(answer, *fields);
  if (answer.ok() && found.id.empty())
    answer.complain("a deployment has no deploymentId");
  if (!answer.ok())
    return found;
  found.canary_percent = read_canary_percent(answer, *fields);
  answer.forgive();
  return found;
}

webhook read_webhook(json_answer& answer, const boost::json::value& from) {
  const auto* fields = answer.object(from, "a webhook");
  if (fields == nullptr)
    return {};
  webhook hook{
      .name = answer.text(*fields, {"name"}), .url = answer.text(*fields, {"url"}), .events = {}};
  const auto* events = fields->if_contains("events");
  if (events == nullptr || events->is_null())
    return hook;
  if (!events->is_array()) {
    answer.complain("events is not an array");
    return hook;
  }
  for (const auto& event : events->get_array()) {
    if (const auto* name = event.if_string())
      hook.events.emplace_back(*name);
    else
      answer.complain("events has an item that is not a text");
  }
  return hook;
}

std::string read_version(json_answer& answer, const boost::json::value& from) {
  if (const auto* name = from.if_string())
    return std::string{*name};
  if (from.is_number())
    return answer.written_number(from);
  const auto* fields = answer.object(from, "a version that is not a text");
  return fields == nullptr ? std::string{} : answer.word(*fields, {"version"});
}

std::string read_next(json_answer& answer) {
  const auto* fields = answer.root().if_object();
  const auto* next = fields == nullptr ? nullptr : fields->if_contains("next");
  const bool is_none = next == nullptr || (next->is_bool() && !next->get_bool());
  return is_none ? std::string{} : answer.word(*fields, {"next"});
}

template <class T, class Read>
parsed<page<T>> read_page(std::string_view body, const Read& read) {
  page<T> found;
  if (is_blank(body))
    return found;
  json_answer answer{body};
  const auto* items = answer.ok() ? answer.items() : nullptr;
  if (items == nullptr)
    return std::unexpected{answer.problem()};
  for (const auto& item : *items) {
    T value = read(answer, item);
    if (answer.ok()) {
      found.items.push_back(std::move(value));
      continue;
    }
    if (found.unreadable.empty())
      found.problem = answer.problem();
    found.unreadable.push_back(std::move(value));
    answer.forgive();
  }
  found.next = read_next(answer);
  return finish(answer, std::move(found));
}

}  // namespace

parsed<judge::metrics_sample> parse_metrics(std::string_view body,
                                            std::span<const std::string> further) {
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  judge::metrics_sample sample;
  for (const auto& metric : job::built_in_metrics)
    value_of(sample, metric) = answer.decimal(*fields, metric.name, metric.least, metric.most);
  sample.conversation_count = answer.count(*fields, "conversation_count");
  sample.satisfaction_count = answer.count(*fields, "satisfaction_count");
  for (const auto& name : further) {
    if (const auto value = answer.decimal(*fields, name, -unbounded, unbounded))
      sample.further.emplace_back(name, *value);
  }
  return finish(answer, std::move(sample));
}

parsed<std::string> parse_deployed(std::string_view body) {
  if (is_blank(body))
    return std::string{};
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  return finish(answer, read_id(answer, *fields));
}

parsed<canary::deployment> parse_deployment(std::string_view body) {
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the deployment") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  auto found = read_deployment(answer, *fields);
  found.canary_percent = read_canary_percent(answer, *fields);
  return finish(answer, std::move(found));
}

parsed<page<canary::deployment>> parse_deployments(std::string_view body) {
  return read_page<canary::deployment>(body, read_listed_deployment);
}

parsed<page<webhook>> parse_webhooks(std::string_view body) {
  return read_page<webhook>(body, read_webhook);
}

parsed<page<std::string>> parse_versions(std::string_view body) {
  return read_page<std::string>(body, read_version);
}

}  // namespace canaryd::platform::deployments
