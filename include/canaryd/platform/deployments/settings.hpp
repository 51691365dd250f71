// What an operator says of a platform of this kind (reference: "Configuration"). The configuration
// reader fills it in.
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
  // Where the configuration has it, for messages.
  std::string place = "api";
  // https, or http to a loopback address; base_url is without query and without a slash at its end.
  std::string base_url = "https://app.cognigy.ai/api/v1";
  std::string token_url = "https://app.cognigy.ai/oauth/token";
  // One of the two is set, the other empty.
  std::string client_id;
  std::string client_id_file;
  std::string client_secret_file;
  // Empty: there is no webhook secret.
  std::string webhook_secret_file;
  // The file may be missing: nobody has named it, and there may be none in the credentials
  // directory.
  bool webhook_secret_is_optional = false;
  std::vector<std::string> scopes{"bot:deploy", "metrics:read", "webhook:manage", "audit:write"};
  // Empty: the system's trust store.
  std::string ca_file;
  // "http://host:port"; empty: none.
  std::string proxy;
  duration connect_timeout = std::chrono::seconds{5};
  duration request_timeout = std::chrono::seconds{30};
  std::size_t max_connections = 32;
  deployments::rate_limit rate_limit;
  // 'm' or 's'.
  char window_unit = 'm';
  // Empty: none.
  std::string fallback_metrics_url;
  // The standard calls with the configured ones in their place.
  call_table calls;

  bool operator==(const settings&) const = default;
};

}  // namespace canaryd::platform::deployments
