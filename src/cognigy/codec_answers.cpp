#include "canaryd/cognigy/codec.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "json_answer.hpp"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace canaryd::cognigy {
namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

template <class T>
parsed<T> finish(const json_answer& answer, T value) {
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return value;
}

std::string read_id(json_answer& answer, const boost::json::object& from) {
  return answer.text(from, {"deploymentId", "deployment_id"});
}

std::optional<double> read_canary_percent(json_answer& answer, const boost::json::object& from) {
  const auto* traffic = from.if_contains("traffic_matrix");
  if (traffic == nullptr || traffic->is_null())
    return std::nullopt;
  const auto* shares = answer.object(*traffic, "traffic_matrix");
  return shares == nullptr ? std::nullopt : answer.number(*shares, "canary", 0.0, 100.0);
}

// A date as text, or a number of whatever unit: it is shown and compared, not understood.
std::string read_created_at(json_answer& answer, const boost::json::object& from) {
  for (const auto* key : {"created_at", "createdAt"}) {
    if (const auto* found = from.if_contains(key); found != nullptr && found->is_number())
      return boost::json::serialize(*found);
  }
  return answer.text(from, {"created_at", "createdAt"});
}

core::deployment read_deployment(json_answer& answer, const boost::json::value& from) {
  const auto* fields = answer.object(from, "the deployment");
  if (fields == nullptr)
    return {};
  return {.id = read_id(answer, *fields),
          .version = answer.text(*fields, {"version"}),
          .status = answer.text(*fields, {"status"}),
          .canary_percent = read_canary_percent(answer, *fields),
          .bot_id = answer.text(*fields, {"bot_id", "botId"}),
          .environment_id = answer.text(*fields, {"environment_id", "environmentId"}),
          .created_at = read_created_at(answer, *fields)};
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
      answer.complain("events holds something that is not a text");
  }
  return hook;
}

std::string read_version(json_answer& answer, const boost::json::value& from) {
  if (const auto* name = from.if_string())
    return std::string{*name};
  const auto* fields = answer.object(from, "a version that is not a text");
  return fields == nullptr ? std::string{} : answer.text(*fields, {"version"});
}

// RFC 6750 section 2.1: what may follow "Bearer".
bool is_bearer_token(std::string_view text) {
  constexpr std::size_t longest = 16'384;
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](char byte) { return byte > 0x20 && byte < 0x7F; });
}

bool is_bearer(std::string_view type) {
  constexpr std::string_view word = "bearer";
  return std::ranges::equal(type, word,
                            [](char left, char right) { return (left | 0x20) == right; });
}

// A number, or its text.
std::optional<double> read_seconds(const boost::json::value& from) {
  if (from.is_number())
    return from.to_number<double>();
  const auto* text = from.if_string();
  if (text == nullptr)
    return std::nullopt;
  double seconds = 0.0;
  const auto [end, problem] = std::from_chars(text->begin(), text->end(), seconds);
  if (problem != std::errc{} || end != text->end() || std::isnan(seconds))
    return std::nullopt;
  return seconds;
}

// A token is never refused for what is said of its life: it is taken as within bounds, which a 401
// may correct.
core::duration read_life(const boost::json::object& fields) {
  constexpr double shortest_s = 60.0;
  constexpr double usual_s = 3600.0;
  constexpr double longest_s = 86'400.0;
  const auto* told = fields.if_contains("expires_in");
  const bool is_told = told != nullptr && !told->is_null();
  const auto seconds = is_told ? read_seconds(*told).value_or(shortest_s) : usual_s;
  return std::chrono::duration_cast<core::duration>(
      std::chrono::duration<double>{std::clamp(seconds, shortest_s, longest_s)});
}

}  // namespace

parsed<token_grant> parse_token(std::string_view body) {
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};

  const auto* token = fields->if_contains("access_token");
  const auto life = read_life(*fields);
  const auto type = answer.text(*fields, {"token_type"});
  if (token == nullptr || !token->is_string() || !is_bearer_token(token->get_string()))
    answer.complain("access_token is not a token");
  if (!type.empty() && !is_bearer(type))
    answer.complain("token_type is not Bearer");
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return token_grant{.token = answer.take_secret("access_token"), .life = life};
}

parsed<core::metrics_sample> parse_metrics(std::string_view body,
                                           std::span<const std::string> further) {
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  core::metrics_sample sample{
      .error_rate = answer.number(*fields, "error_rate", 0.0, 1.0),
      .satisfaction_score = answer.number(*fields, "satisfaction_score", 0.0, 5.0),
      .avg_latency_ms = answer.number(*fields, "avg_latency_ms", 0.0, unbounded),
      .conversation_count = answer.count(*fields, "conversation_count"),
      .satisfaction_count = answer.count(*fields, "satisfaction_count")};
  for (const auto& name : further) {
    if (const auto value = answer.number(*fields, name, -unbounded, unbounded))
      sample.further.emplace_back(name, *value);
  }
  return finish(answer, std::move(sample));
}

parsed<std::string> parse_deployed(std::string_view body) {
  if (body.empty())
    return std::string{};
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  return finish(answer, read_id(answer, *fields));
}

parsed<core::deployment> parse_deployment(std::string_view body) {
  json_answer answer{body};
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return finish(answer, read_deployment(answer, answer.root()));
}

parsed<core::deployment_list> parse_deployments(std::string_view body) {
  json_answer answer{body};
  const auto* items = answer.ok() ? answer.items() : nullptr;
  if (items == nullptr)
    return std::unexpected{answer.problem()};
  core::deployment_list found;
  for (const auto& item : *items) {
    found.push_back(read_deployment(answer, item));
    if (found.back().id.empty())
      answer.complain("a deployment has no deploymentId");
  }
  return finish(answer, std::move(found));
}

parsed<std::vector<webhook>> parse_webhooks(std::string_view body) {
  json_answer answer{body};
  const auto* items = answer.ok() ? answer.items() : nullptr;
  if (items == nullptr)
    return std::unexpected{answer.problem()};
  std::vector<webhook> found;
  for (const auto& item : *items)
    found.push_back(read_webhook(answer, item));
  return finish(answer, std::move(found));
}

parsed<std::vector<std::string>> parse_versions(std::string_view body) {
  json_answer answer{body};
  const auto* items = answer.ok() ? answer.items() : nullptr;
  if (items == nullptr)
    return std::unexpected{answer.problem()};
  std::vector<std::string> found;
  for (const auto& item : *items)
    found.push_back(read_version(answer, item));
  return finish(answer, std::move(found));
}

}  // namespace canaryd::cognigy
