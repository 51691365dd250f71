// The calls of a platform by name: what errors, metrics and the configuration call them.
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
// The call of that name, as `api.calls` may name it: every one but `token`, whose URL is its own.
std::optional<call> parse_call(std::string_view name);

// Changes something: it is sent with an Idempotency-Key, and looked up before it is repeated.
bool is_write(call which);

// Appends `key=value`, the value percent-encoded, to a path or URL with or without a query. Does
// nothing where its query names the key already.
void append_query(std::string& target, std::string_view key, std::string_view value);

// Told of every request that was answered or failed: the call, the status (0 where no answer came)
// and the time from sending to the answer's end.
using call_observer = std::function<void(call, int status, duration)>;

}  // namespace canaryd::platform
