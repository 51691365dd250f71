#include "canaryd/platform/cognigy/codec.hpp"

#include "canaryd/platform/json_answer.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::platform::cognigy {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

bool is_hexadecimal(char c) {
  return text::is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A text that people chose. One that cannot be shown matches nothing, and spoils nothing else.
std::string read_label(json_answer& answer, const object& from, std::string_view key) {
  if (!answer.ok())
    return {};
  auto label = answer.text(from, {key});
  if (answer.ok())
    return label;
  answer.forgive();
  return {};
}

std::string read_object_id(json_answer& answer, const object& from,
                           std::initializer_list<std::string_view> keys) {
  auto id = answer.text(from, keys);
  if (id.empty() || is_object_id(id))
    return id;
  answer.complain(fmt::format("{} is not 24 hexadecimal digits", *keys.begin()));
  return {};
}

bool read_flag(json_answer& answer, const object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  if (found == nullptr || found->is_null())
    return false;
  if (!found->is_bool()) {
    answer.complain(fmt::format("{} is neither true nor false", key));
    return false;
  }
  return found->get_bool();
}

listed_item read_item(json_answer& answer, const value& from) {
  const auto* fields = answer.object(from, "an item");
  if (fields == nullptr)
    return {};
  return {.id = read_object_id(answer, *fields, {"_id", "id"}),
          .reference_id = read_label(answer, *fields, "referenceId"),
          .name = read_label(answer, *fields, "name"),
          .project_id = read_label(answer, *fields, "projectId")};
}

// The member of an object that is an object itself.
const object* find_object(const object* from, std::string_view key) {
  const auto* found = from == nullptr ? nullptr : from->if_contains(key);
  return found == nullptr ? nullptr : found->if_object();
}

// The list of a HAL document, whatever it is called there.
const array* find_embedded(const object* from) {
  const auto* embedded = find_object(from, "_embedded");
  if (embedded == nullptr)
    return nullptr;
  for (const auto& member : *embedded) {
    if (const auto* items = member.value().if_array())
      return items;
  }
  return nullptr;
}

void read_way_on(json_answer& answer, const object& from, list_page& page) {
  page.total = answer.count(from, "total");
  page.next_cursor = answer.word(from, {"nextCursor"});
  page.has_next_link = find_object(find_object(&from, "_links"), "next") != nullptr;
}

}  // namespace

bool is_object_id(std::string_view text) {
  constexpr std::size_t length = 24;
  return text.size() == length && std::ranges::all_of(text, is_hexadecimal);
}

std::string to_text(const deployment_key& key) {
  return key.canary_endpoint + ":" + key.snapshot;
}

std::optional<deployment_key> parse_deployment_key(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto endpoint = text.substr(0, colon);
  const auto snapshot = text.substr(colon + 1);
  if (!is_object_id(endpoint) || !is_object_id(snapshot))
    return std::nullopt;
  return deployment_key{.canary_endpoint = std::string{endpoint},
                        .snapshot = std::string{snapshot}};
}

parsed<list_page> parse_list(std::string_view body) {
  json_answer answer{body};
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  const auto* fields = answer.root().if_object();
  const auto* embedded = find_embedded(fields);
  const auto* items = embedded != nullptr ? embedded : answer.items();
  if (items == nullptr)
    return std::unexpected{answer.problem()};
  list_page page;
  for (const auto& item : *items)
    page.items.push_back(read_item(answer, item));
  if (fields != nullptr)
    read_way_on(answer, *fields, page);
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return page;
}

parsed<listed_item> parse_snapshot(std::string_view body) {
  json_answer answer{body};
  auto found = answer.ok() ? read_item(answer, answer.root()) : listed_item{};
  if (answer.ok() && found.id.empty())
    answer.complain("the snapshot has no _id");
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return found;
}

parsed<endpoint> parse_endpoint(std::string_view body) {
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the endpoint") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  endpoint found{.id = read_object_id(answer, *fields, {"_id", "id"}),
                 .project_id = read_object_id(answer, *fields, {"projectId"}),
                 .name = read_label(answer, *fields, "name"),
                 .channel = answer.text(*fields, {"channel"}),
                 .url_token = answer.text(*fields, {"URLToken"}),
                 .flow_id = answer.text(*fields, {"flowId"}),
                 .locale_id = answer.text(*fields, {"localeId"}),
                 .entrypoint = read_object_id(answer, *fields, {"entrypoint"}),
                 .active = read_flag(answer, *fields, "active"),
                 .use_analytics = read_flag(answer, *fields, "useAnalytics"),
                 .last_changed = answer.word(*fields, {"lastChanged"}),
                 .last_changed_by = read_label(answer, *fields, "lastChangedBy")};
  if (answer.ok() && found.id.empty())
    answer.complain("the endpoint has no _id");
  if (answer.ok() && found.entrypoint.empty())
    answer.complain("the endpoint has no entrypoint");
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return found;
}

endpoint_aim aim_of(const endpoint& from) {
  return {.entrypoint = from.entrypoint, .flow_id = from.flow_id, .locale_id = from.locale_id};
}

std::string aim_body(const endpoint_aim& aim) {
  const object body{
      {"entrypoint", aim.entrypoint}, {"flowId", aim.flow_id}, {"localeId", aim.locale_id}};
  return text::write_json(body, text::json_layout::compact);
}

problem_document parse_problem(std::string_view body) {
  json_answer answer{body};
  const auto* fields = answer.root().if_object();
  if (fields == nullptr)
    return {};
  problem_document found;
  found.code = answer.word(*fields, {"code"});
  answer.forgive();
  found.trace_id = answer.word(*fields, {"traceId"});
  return found;
}

}  // namespace canaryd::platform::cognigy
