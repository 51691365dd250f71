#include "control_table.hpp"

#include <array>

namespace canaryd::daemon {
namespace {

constexpr std::array<route, 14> table{{
    {"healthz", place::health, "GET, HEAD", true},
    {"readyz", place::ready, "GET, HEAD", true},
    {"metrics", place::metrics, "GET, HEAD", true},
    {"v1/status", place::status, "GET, HEAD"},
    {"v1/reload", place::reload, "POST"},
    {"v1/events", place::events, "GET, HEAD"},
    {"v1/jobs", place::jobs, "GET, HEAD, POST"},
    {"v1/jobs/*", place::job, "GET, HEAD"},
    {"v1/jobs/*/readings", place::readings, "GET, HEAD"},
    {"v1/jobs/*/abort", place::command, "POST"},
    {"v1/jobs/*/pause", place::command, "POST"},
    {"v1/jobs/*/resume", place::command, "POST"},
    {"v1/jobs/*/approve", place::command, "POST"},
    {"v1/jobs/*/promote", place::command, "POST"},
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
