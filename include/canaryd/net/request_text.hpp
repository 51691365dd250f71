// Writes a request as the bytes that are sent (HTTP/1.1, RFC 9112).
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"

#include <string>

namespace canaryd::net {

// Writes the request line, Host, the message's headers, Content-Length if there is a body or the
// method allows one (POST, PUT, PATCH), and the body. Fails with fault::refused on a method or
// header name that is not a token, on control characters in a header's value, and on headers that
// the transport writes itself.
result<std::string> make_request_text(const request& message);

}  // namespace canaryd::net
