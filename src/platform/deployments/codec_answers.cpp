#include "canaryd/platform/deployments/codec.hpp"

#include <fmt/format.h>

#include "../json_answer.hpp"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace canaryd::platform {
namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

template <class T>
parsed<T> finish(const json_answer& answer, T value) {
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return value;
}

// Nothing, as far as a reader is concerned.
bool is_blank(std::string_view body) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (body.starts_with(byte_order_mark))
    body.remove_prefix(byte_order_mark.size());
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// An id becomes one segment of a path. No encoding keeps "." and ".." from being taken for this
// folder and the one above, also not %2E.
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

// All but the share of the traffic. A date is a text, or a number of whatever unit: it is shown and
// compared, not understood.
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
      answer.complain("events holds something that is not a text");
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
duration read_life(const boost::json::object& fields) {
  constexpr double shortest_s = 60.0;
  constexpr double usual_s = 3600.0;
  constexpr double longest_s = 86'400.0;
  const auto* told = fields.if_contains("expires_in");
  const bool is_told = told != nullptr && !told->is_null();
  const auto seconds = is_told ? read_seconds(*told).value_or(shortest_s) : usual_s;
  return std::chrono::duration_cast<duration>(
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

}  // namespace canaryd::platform
