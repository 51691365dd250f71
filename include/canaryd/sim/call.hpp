// The API's calls as the server sees them, with their default paths: finds the call for a method
// and a path (reference: "API calls").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::sim {

// fallback_metrics is a second provider of metrics, at /fallback/metrics/conversations. unknown
// stands for all that the API does not have.
enum class call : std::uint8_t {
  token,
  deploy,
  metrics,
  list_webhooks,
  register_webhook,
  audit,
  find_deployments,
  get_deployment,
  change_traffic,
  rollback,
  promote,
  versions,
  fallback_metrics,
  unknown,
};

inline constexpr std::size_t call_count = static_cast<std::size_t>(call::unknown) + 1;

std::string_view to_string(call what);
std::optional<call> call_named(std::string_view name);

// True for calls that change something and therefore need an Idempotency-Key.
bool is_write(call what);

struct matched_call {
  call what = call::unknown;
  // Decoded from the path; empty if the path has none.
  std::string bot_id;
  std::string deployment_id;
  // The encoded query without the question mark; a view into the target.
  std::string_view query;
};

// `target` is the path and query of a request.
matched_call match_call(std::string_view method, std::string_view target);

// The decoded value of the first parameter of that name in a query or a form (`+` is a space).
// Returns nothing if it is not there or badly encoded.
std::optional<std::string> form_value(std::string_view form, std::string_view name);

}  // namespace canaryd::sim
