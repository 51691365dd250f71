#include "canaryd/platform/deployments/call_table.hpp"

#include "canaryd/net/url.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace canaryd::platform::deployments {
namespace {

struct row {
  std::string_view method;
  std::string_view path;
};

// In the order of `call`.
constexpr std::array<row, call_count> table{{
    {"POST", ""},
    {"POST", "/bots/{bot_id}/deploy"},
    {"GET", "/metrics/conversations"},
    {"GET", "/webhooks"},
    {"POST", "/webhooks"},
    {"POST", "/audit/logs"},
    {"GET", "/deployments"},
    {"GET", "/deployments/{deployment_id}"},
    {"PATCH", "/deployments/{deployment_id}"},
    {"POST", "/deployments/{deployment_id}/rollback"},
    {"POST", "/deployments/{deployment_id}/promote"},
    {"GET", ""},
}};

bool is_about_one_deployment(call which) {
  return which == call::get_deployment || which == call::change_traffic ||
         which == call::rollback || which == call::promote;
}

bool is_known_placeholder(call which, std::string_view name) {
  return name == "bot_id" || name == "environment_id" || name == "version" ||
         (name == "deployment_id" && is_about_one_deployment(which));
}

std::string_view value_of(std::string_view name, const call_subject& subject) {
  if (name == "bot_id")
    return subject.bot_id;
  if (name == "environment_id")
    return subject.environment_id;
  if (name == "version")
    return subject.version;
  if (name == "deployment_id")
    return subject.deployment_id;
  return "";
}

// True for what a path and a query may have without encoding (RFC 3986), and for the braces of
// placeholders.
bool is_target_character(char byte) {
  constexpr std::string_view punctuation = "-._~:/?@!$&'()*+,;=%{}";
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || punctuation.contains(byte);
}

std::optional<std::string> find_placeholder_problem(call which, std::string_view path) {
  std::size_t from = 0;
  for (;;) {
    const auto brace = path.find_first_of("{}", from);
    if (brace == std::string_view::npos)
      return std::nullopt;
    const auto close = path.find('}', brace);
    if (path[brace] == '}' || close == std::string_view::npos)
      return "the path has a brace without its counterpart";
    const auto name = path.substr(brace + 1, close - brace - 1);
    if (!is_known_placeholder(which, name))
      return fmt::format("the path has {{{}}}, which {} does not know",
                         text::printable_excerpt(name, 40), to_string(which));
    from = close + 1;
  }
}

}  // namespace

std::optional<std::string> find_problem(call which, const call_template& shape) {
  constexpr std::array<std::string_view, 5> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};
  if (std::ranges::find(methods, shape.method) == methods.end())
    return fmt::format("the method is {}, allowed are GET, POST, PUT, PATCH and DELETE",
                       text::printable_excerpt(shape.method, 40));
  if (!shape.path.starts_with('/'))
    return "the path does not start with /";
  if (!std::ranges::all_of(shape.path, is_target_character))
    return "the path has a character that a URL's path and query cannot have";
  if (auto problem = find_placeholder_problem(which, shape.path))
    return problem;
  // This finds a % without two hex digits, and a path that is too long.
  const auto whole = net::parse_url(
      "https://host" +
      fill(shape.path,
           {.bot_id = "-", .environment_id = "-", .version = "-", .deployment_id = "-"}));
  if (!whole)
    return "the path does not make a valid URL: " + whole.error().text;
  return std::nullopt;
}

call_table::call_table() {
  for (std::size_t i = 0; i < call_count; ++i) {
    templates_[i].method = table[i].method;
    templates_[i].path = table[i].path;
  }
}

std::string fill(std::string_view path, const call_subject& subject) {
  std::string filled;
  for (;;) {
    const auto open = path.find('{');
    filled += path.substr(0, open);
    if (open == std::string_view::npos)
      return filled;
    const auto close = path.find('}', open);
    filled += net::percent_encode(value_of(path.substr(open + 1, close - open - 1), subject));
    path.remove_prefix(close + 1);
  }
}

std::optional<std::string_view> find_lost_segment(std::string_view path,
                                                  const call_subject& subject) {
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    const auto open = segment.find('{');
    if (open == std::string_view::npos)
      continue;
    const auto filled = fill(segment, subject);
    if (filled.empty() || filled == "." || filled == "..")
      return segment.substr(open + 1, segment.find('}') - open - 1);
  }
  return std::nullopt;
}

}  // namespace canaryd::platform::deployments
