#include "canaryd/platform/calls.hpp"

#include "canaryd/net/url.hpp"

#include <algorithm>
#include <array>

namespace canaryd::platform {
namespace {

struct row {
  std::string_view name;
  bool writes;
};

// In the order of `call`.
constexpr std::array<row, call_count> table{{
    {"token", false},
    {"deploy", true},
    {"metrics", false},
    {"list_webhooks", false},
    {"register_webhook", true},
    {"audit", true},
    {"find_deployments", false},
    {"get_deployment", false},
    {"change_traffic", true},
    {"rollback", true},
    {"promote", true},
    {"versions", false},
}};

const row& row_of(call which) {
  return table[static_cast<std::size_t>(which)];
}

// True if the query, which is given without its '?', has the key.
bool query_names(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const auto parameter = query.substr(0, query.find('&'));
    if (parameter.substr(0, parameter.find('=')) == key)
      return true;
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
  }
  return false;
}

}  // namespace

std::string_view to_string(call which) {
  return row_of(which).name;
}

std::optional<call> parse_call(std::string_view name) {
  const auto found = std::ranges::find(table, name, &row::name);
  if (found == table.end() || found == table.begin())
    return std::nullopt;
  return static_cast<call>(found - table.begin());
}

bool is_write(call which) {
  return row_of(which).writes;
}

void append_query(std::string& target, std::string_view key, std::string_view value) {
  const auto question = target.find('?');
  const bool has_query = question != std::string::npos;
  if (has_query && query_names(std::string_view{target}.substr(question + 1), key))
    return;
  if (!has_query)
    target += '?';
  else if (target.back() != '?' && target.back() != '&')
    target += '&';
  target += key;
  target += '=';
  target += net::percent_encode(value);
}

}  // namespace canaryd::platform
