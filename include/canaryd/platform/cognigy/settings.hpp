// What an operator says of a Cognigy.AI installation (reference: "Platforms"). The configuration
// reader fills it in.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/text/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace canaryd::platform::cognigy {

// A bot in one environment: two endpoints of one channel behind a splitter. The ids are 24
// hexadecimal digits.
struct environment_settings {
  std::string stable_endpoint;
  std::string canary_endpoint;
  // Where the splitter's map has the canary's share.
  std::string map_key;
  // The splitter's backends of the two arms.
  std::string stable_backend;
  std::string canary_backend;

  bool operator==(const environment_settings&) const = default;
};

struct bot_settings {
  // 24 hexadecimal digits.
  std::string project_id;
  // By environment_id.
  std::map<std::string, environment_settings, std::less<>> environments;

  bool operator==(const bot_settings&) const = default;
};

// At most `requests` in any time of length `per`.
struct rate_limit {
  std::int64_t requests = 1000;
  duration per = std::chrono::minutes{5};

  bool operator==(const rate_limit&) const = default;
};

struct settings {
  // https, or http to a loopback address; with the API's prefix, without query and without a slash
  // at its end: "https://api-app-eu.cognigy.ai/new/v2.0".
  std::string base_url;
  text::secret api_key;
  // By bot_id.
  std::map<std::string, bot_settings, std::less<>> bots;
  duration connect_timeout = std::chrono::seconds{5};
  duration request_timeout = std::chrono::seconds{30};
  std::size_t max_connections = 32;
  cognigy::rate_limit rate_limit;

  bool operator==(const settings&) const = default;
};

}  // namespace canaryd::platform::cognigy
