// An HTTP request and its answer as plain values, independent of the transport.
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
  // All headers except Host, Content-Length and Connection, which the transport writes.
  std::vector<header> headers;
  std::string body;
  // The limit from the first byte sent to the last byte of the answer. Connecting has its own.
  duration timeout = std::chrono::seconds{30};
  // Called each time that sending begins on an open connection; `timeout` starts then.
  std::function<void()> on_sent{};
  // Asks for a connection that has carried nothing yet.
  bool fresh_connection = false;
  // Called before the request is sent a second time, over a fresh connection, because the reused
  // connection that carried it broke. False forbids that; no function allows it.
  std::function<bool()> may_repeat = {};
};

struct response {
  int status = 0;
  std::vector<header> headers;
  std::string body;
};

// True if the texts are equal, or differ only in the case of ASCII letters.
bool is_same_word(std::string_view one, std::string_view other);

// The value of the first header of that name, if there is one. The case of the name is ignored.
std::optional<std::string_view> find_header(const std::vector<header>& headers,
                                            std::string_view name);

}  // namespace canaryd::net
