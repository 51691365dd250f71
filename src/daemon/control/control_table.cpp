#include "control_table.hpp"

#include <array>

namespace canaryd::daemon {
namespace {

constexpr std::array<route, 14> table{{
    {"healthz", endpoint::health, "GET, HEAD", true},
    {"readyz", endpoint::ready, "GET, HEAD", true},
    {"metrics", endpoint::metrics, "GET, HEAD", true},
    {"v1/status", endpoint::status, "GET, HEAD"},
    {"v1/reload", endpoint::reload, "POST"},
    {"v1/events", endpoint::events, "GET, HEAD"},
    {"v1/jobs", endpoint::jobs, "GET, HEAD, POST"},
    {"v1/jobs/*", endpoint::job, "GET, HEAD"},
    {"v1/jobs/*/readings", endpoint::readings, "GET, HEAD"},
    {"v1/jobs/*/abort", endpoint::command, "POST"},
    {"v1/jobs/*/pause", endpoint::command, "POST"},
    {"v1/jobs/*/resume", endpoint::command, "POST"},
    {"v1/jobs/*/approve", endpoint::command, "POST"},
    {"v1/jobs/*/promote", endpoint::command, "POST"},
}};

bool is_at(std::string_view pattern, const std::vector<std::string>& path) {
  for (const auto& segment : path) {
    const auto slash = pattern.find('/');
    const auto expected = pattern.substr(0, slash);
    if (expected.empty() || segment.empty() || (expected != "*" && expected != segment))
      return false;
    pattern = slash == std::string_view::npos ? "" : pattern.substr(slash + 1);
  }
  return pattern.empty();
}

}  // namespace

const route* find_route(const std::vector<std::string>& path, bool is_known) {
  for (const auto& each : table) {
    if ((is_known || each.is_public) && is_at(each.path, path))
      return &each;
  }
  return nullptr;
}

bool allows(const route& at, std::string_view method) {
  auto methods = at.methods;
  while (!methods.empty()) {
    const auto comma = methods.find(", ");
    if (methods.substr(0, comma) == method)
      return true;
    methods.remove_prefix(comma == std::string_view::npos ? methods.size() : comma + 2);
  }
  return false;
}

}  // namespace canaryd::daemon
