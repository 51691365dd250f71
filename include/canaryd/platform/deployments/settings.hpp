// The settings of a platform of this kind (reference: "Configuration"). The configuration reader
// fills them in.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/platform/deployments/call_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace canaryd::platform::deployments {

// At most `requests` in any time of length `per`.
struct rate_limit {
  std::int64_t requests = 1000;
  duration per = std::chrono::minutes{5};

  bool operator==(const rate_limit&) const = default;
};

struct settings {
  // The key of this platform in the configuration, for messages.
  std::string place = "api";
  // https, or http to a loopback address. base_url has no query, and no slash at its end.
  std::string base_url = "https://app.cognigy.ai/api/v1";
  std::string token_url = "https://app.cognigy.ai/oauth/token";
  // One of these two is set, and the other is empty.
  std::string client_id;
  std::string client_id_file;
  std::string client_secret_file;
  // Empty if there is no webhook secret.
  std::string webhook_secret_file;
  // True if the file may be missing, because nobody has named it. Then it is the default in the
  // credentials directory.
  bool webhook_secret_is_optional = false;
  std::vector<std::string> scopes{"bot:deploy", "metrics:read", "webhook:manage", "audit:write"};
  // Empty for the system's trust store.
  std::string ca_file;
  // "http://host:port". Empty if there is none.
  std::string proxy;
  duration connect_timeout = std::chrono::seconds{5};
  duration request_timeout = std::chrono::seconds{30};
  std::size_t max_connections = 32;
  deployments::rate_limit rate_limit;
  // The unit of windows, 'm' or 's'.
  char window_unit = 'm';
  // Empty if there is none.
  std::string fallback_metrics_url;
  // The configured calls, and the built-in ones for the others.
  call_table calls;

  bool operator==(const settings&) const = default;
};

}  // namespace canaryd::platform::deployments
