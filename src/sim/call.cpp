#include "canaryd/sim/call.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace canaryd::sim {
namespace {

constexpr std::array<std::string_view, call_count> call_names{
    "token",   "deploy",           "metrics",          "list_webhooks",  "register_webhook",
    "audit",   "find_deployments", "get_deployment",   "change_traffic", "rollback",
    "promote", "versions",         "fallback_metrics", "unknown",
};

struct path_rule {
  std::string_view method;
  // Segments that begin with a slash. `{bot}` and `{deployment}` match any one segment.
  std::string_view path;
  call what;
};

constexpr std::array rules{
    path_rule{"GET", "/api/v1/metrics/conversations", call::metrics},
    path_rule{"POST", "/oauth/token", call::token},
    path_rule{"GET", "/api/v1/deployments", call::find_deployments},
    path_rule{"GET", "/api/v1/deployments/{deployment}", call::get_deployment},
    path_rule{"PATCH", "/api/v1/deployments/{deployment}", call::change_traffic},
    path_rule{"POST", "/api/v1/deployments/{deployment}/rollback", call::rollback},
    path_rule{"POST", "/api/v1/deployments/{deployment}/promote", call::promote},
    path_rule{"POST", "/api/v1/bots/{bot}/deploy", call::deploy},
    path_rule{"GET", "/api/v1/bots/{bot}/versions", call::versions},
    path_rule{"POST", "/api/v1/audit/logs", call::audit},
    path_rule{"GET", "/api/v1/webhooks", call::list_webhooks},
    path_rule{"POST", "/api/v1/webhooks", call::register_webhook},
    path_rule{"GET", "/fallback/metrics/conversations", call::fallback_metrics},
};

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const auto digits = text.substr(i + 1, 2);
      unsigned char byte = 0;
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
      if (digits.size() != 2 || read.ptr != digits.data() + 2)
        return std::nullopt;
      decoded += static_cast<char>(byte);
      i += 2;
    }
  }
  return decoded;
}

// Removes the first segment, with its slash, from a path and returns it.
std::string_view take_segment(std::string_view& path) {
  const auto segment = path.substr(0, path.find('/', 1));
  path.remove_prefix(segment.size());
  return segment;
}

bool read_path(std::string_view pattern, std::string_view path, matched_call& found) {
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = take_segment(pattern);
    const auto given = take_segment(path);
    if (!wanted.starts_with("/{")) {
      if (wanted != given)
        return false;
      continue;
    }
    auto value = decode(given.substr(1), false);
    if (!value || value->empty())
      return false;
    (wanted == "/{bot}" ? found.bot_id : found.deployment_id) = std::move(*value);
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::string_view to_string(call what) {
  return call_names.at(static_cast<std::size_t>(what));
}

std::optional<call> call_named(std::string_view name) {
  const auto place = std::find(call_names.begin(), call_names.end(), name);
  if (place == call_names.end())
    return std::nullopt;
  return static_cast<call>(place - call_names.begin());
}

bool is_write(call what) {
  switch (what) {
    case call::deploy:
    case call::register_webhook:
    case call::audit:
    case call::change_traffic:
    case call::rollback:
    case call::promote:
      return true;
    default:
      return false;
  }
}

matched_call match_call(std::string_view method, std::string_view target) {
  const auto mark = std::min(target.find('?'), target.size());
  const auto path = target.substr(0, mark);
  for (const auto& rule : rules) {
    matched_call found{.what = rule.what, .bot_id = {}, .deployment_id = {}, .query = {}};
    if (rule.method != method || !read_path(rule.path, path, found))
      continue;
    found.query = target.substr(std::min(mark + 1, target.size()));
    return found;
  }
  return {};
}

std::optional<std::string> form_value(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const auto pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(pair.size() + 1, form.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name)
      return decode(pair.substr(std::min(equals + 1, pair.size())), true);
  }
  return std::nullopt;
}

}  // namespace canaryd::sim
