// The headers that every request carries.
#pragma once

#include "canaryd/net/message.hpp"

#include <string>
#include <string_view>

namespace canaryd::platform {

inline void add_header(net::request& message, std::string_view name, std::string value) {
  message.headers.push_back({std::string{name}, std::move(value)});
}

inline void add_common_headers(net::request& message) {
  add_header(message, "Accept", "application/json");
  add_header(message, "Accept-Encoding", "identity");
  add_header(message, "User-Agent", "canaryd/" CANARYD_VERSION);
}

}  // namespace canaryd::platform
