// An HTTP request and its answer as plain values, apart from how they travel.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/net/url.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::net {

struct header {
  std::string name;
  std::string value;
};

struct request {
  std::string method = "GET";
  url target;
  // Without Host, Content-Length and Connection, which the transport writes.
  std::vector<header> headers;
  std::string body;
  // From the first byte sent to the last byte of the answer; connecting has its own limit.
  duration timeout = std::chrono::seconds{30};
  // Called each time that it begins to go out over an open connection, when `timeout` begins.
  std::function<void()> on_sent{};
  // Over a connection that has carried nothing yet.
  bool fresh_connection = false;
  // Asked before it is sent once more, over a fresh connection, because the connection that it went
  // out on had been used before and broke. False forbids it. None: it may be.
  std::function<bool()> may_repeat = {};
};

struct response {
  int status = 0;
  std::vector<header> headers;
  std::string body;
};

// Whether they differ in nothing but the case of ASCII letters.
bool is_same_word(std::string_view one, std::string_view other);

// The value of the first header of that name (compared without case), if there is one.
std::optional<std::string_view> find_header(const std::vector<header>& headers,
                                            std::string_view name);

}  // namespace canaryd::net
