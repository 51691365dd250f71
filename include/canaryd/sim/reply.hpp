// What happens to one request to the simulated API.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/net/message.hpp"

#include <cstdint>

namespace canaryd::sim {

enum class outcome : std::uint8_t {
  answered,
  // Nothing is processed, and the connection breaks.
  lost_before,
  // The request is processed, but the answer never comes.
  lost_after,
};

struct reply {
  net::response answer;
  // The time until the answer's first byte or, for a lost answer, until the connection breaks.
  // duration::max() means that it never breaks and the client must give up.
  duration delay{};
  outcome ended = outcome::answered;
  // True if it is lost because its connection had carried another request before.
  bool on_used_connection = false;
  // True if the connection ends in the middle of the answer's body.
  bool cut_body = false;
};

// Writes a text as a JSON string, with its quotes.
std::string quoted(std::string_view text);

// Makes an answer of type application/json.
net::response json_answer(int status, std::string body);

// Makes `{"error":…,"message":…}`. `code` must need no escaping.
net::response error_answer(int status, std::string_view code, std::string_view message);

}  // namespace canaryd::sim
