// What becomes of one request to the simulated API.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/net/message.hpp"

#include <cstdint>

namespace canaryd::sim {

enum class outcome : std::uint8_t {
  answered,
  // Nothing was processed and the connection breaks.
  lost_before,
  // It was processed, but the answer never comes.
  lost_after,
};

struct reply {
  net::response answer;
  // Until the answer's first byte; of a lost one, until the connection breaks. duration::max()
  // means that it never does: the client has to give up.
  duration delay{};
  outcome fate = outcome::answered;
  // It is lost because its connection had carried another request before.
  bool on_used_connection = false;
  // The connection ends in the middle of the answer's body.
  bool cut_body = false;
};

// A text as JSON writes it, with its quotes.
std::string quoted(std::string_view text);

// An answer of application/json.
net::response json_answer(int status, std::string body);

// `{"error":…,"message":…}`. `code` needs no escaping.
net::response error_answer(int status, std::string_view code, std::string_view message);

}  // namespace canaryd::sim
