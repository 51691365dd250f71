// The one error type of expected failures: what went wrong, and what a caller may do about it.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace canaryd {

// What a failure means for the caller (reference: "API answers").
enum class fault : std::uint8_t {
  refused,       // 403 or another 4xx: repeating it would not help
  unauthorized,  // 401 although the token had just been refreshed
  no_token,      // no access token could be obtained; nothing was sent
  unreachable,   // no connection (name, connect, TLS, certificate); nothing was sent
  lost,          // sent, but no whole answer came: a write may or may not have happened
  try_again,     // an answer that says "not now": 408, 425, 429, 5xx
  malformed,     // an answer that is not what it should be; a write has probably happened
  system,        // a problem of this machine: file, disk, limit
};

struct error {
  fault kind = fault::system;
  // Says to a person what was tried and what came back, without secrets, tokens or URL queries.
  std::string text;
  // The HTTP status of the answer; 0 if there was no answer.
  int status = 0;
  // The wait that the server asked for (Retry-After), if it did.
  std::optional<duration> retry_after = std::nullopt;
};

template <class T>
using result = std::expected<T, error>;

// What a function returns where it fails.
inline std::unexpected<error> failure(fault kind, std::string text) {
  return std::unexpected{error{.kind = kind, .text = std::move(text)}};
}

}  // namespace canaryd
