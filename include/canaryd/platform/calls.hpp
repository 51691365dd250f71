// The calls of a platform, and their names in errors, in metrics and in the configuration.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::platform {

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
};
inline constexpr std::size_t call_count = 12;

// The call's name in the configuration, in error texts and in metrics.
std::string_view to_string(call which);
// Finds a call by its name in `api.calls`. `token` is not found, because its URL is a setting of
// its own.
std::optional<call> parse_call(std::string_view name);

// True if the call changes something. Then it is sent with an Idempotency-Key.
bool is_write(call which);

// Appends `key=value`, with the value percent-encoded, to the query of a path or URL. Does nothing
// if its query has that key already.
void append_query(std::string& target, std::string_view key, std::string_view value);

// Called for every request that was answered or failed, with the call, the status (0 if no answer
// came) and the time from sending to the end of the answer.
using call_observer = std::function<void(call, int status, duration)>;

}  // namespace canaryd::platform
