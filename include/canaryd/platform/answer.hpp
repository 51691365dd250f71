// What an answer means, whatever the call (reference: "API answers"), and the error texts that tell
// it.
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

// What it takes to judge an answer and to speak of it. Views: what they name must outlive it.
struct answer_context {
  // Shown with a 401 or 403. Empty: nothing is asked for by scope.
  std::span<const std::string> scopes;
  // Texts that no error may hold, though the answer's body may echo them.
  std::vector<std::string_view> secrets;
  // When the answer came, for a Retry-After that is a date.
  wall_time now;
};

// The body of a 2xx. Otherwise the error, whose text holds the call's name, the status and the
// first 500 characters of the body:
//   401                            unauthorized
//   408, 425, 429, 5xx             try_again, with its Retry-After
//   every other 4xx                refused
//   every other status             malformed: a redirection, for instance, comes from a proxy
//   no answer                      the transport's error, with the call's name in front
// A 2xx whose body is needed and is in another coding than identity is malformed as well, and so is
// a page of HTML where nothing else would show that the call was not carried out.
result<std::string> read_answer(call which, result<net::response> reply,
                                const answer_context& context);

// The error of a 2xx whose body is of no use (malformed): the call's name, what is wrong with it
// and its first 200 characters; nothing of the body for `token`, whose body is a secret.
error unusable_body(call which, std::string_view what, std::string_view body,
                    const answer_context& context);

// The error of a request that could not go out within its time (try_again).
error out_of_time(call which);

// The text with every secret in it replaced by "[redacted]", also where it stands percent-encoded.
std::string redact(std::string text, std::span<const std::string_view> secrets);

}  // namespace canaryd::platform
