// Says what an answer of the API means, whichever call it answers (reference: "API answers"), and
// writes the error texts.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/net/message.hpp"
#include "canaryd/platform/calls.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::platform {

// What is needed to judge an answer and to describe it. It refers to texts that must outlive it.
struct answer_context {
  // They are shown with a 401 or 403. Empty if nothing is asked for by scope.
  std::span<const std::string> scopes;
  // No error text may contain these, although the answer's body may echo them.
  std::vector<std::string_view> secrets;
  // When the answer came. It is needed for a Retry-After that is a date.
  wall_time now;
};

// Returns the body of a 2xx. Otherwise it fails, with a text that has the call's name, the status
// and the first 500 characters of the body:
//   401                            unauthorized
//   408, 425, 429, 5xx             try_again, with its Retry-After
//   every other 4xx                refused
//   every other status             malformed; a redirection, for instance, comes from a proxy
//   no answer                      the transport's error, with the call's name in front
// A 2xx is malformed if its body is needed and is not in the coding identity. It is also malformed
// if its body is an HTML page and nothing else would show that the call was not carried out.
result<std::string> read_answer(call which, result<net::response> reply,
                                const answer_context& context);

// Returns the error (malformed) of a 2xx whose body cannot be used. Its text has the call's name,
// what is wrong, and the first 200 characters of the body. For `token`, whose body is a secret, it
// has nothing of the body.
error unusable_body(call which, std::string_view what, std::string_view body,
                    const answer_context& context);

// Returns the error (try_again) of a request that could not be sent in time.
error out_of_time(call which);

// Replaces every secret in the text, plain or percent-encoded, by "[redacted]".
std::string redact(std::string text, std::span<const std::string_view> secrets);

}  // namespace canaryd::platform
