// A request as the bytes that go over the wire (HTTP/1.1, RFC 9112).
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"

#include <string>

namespace canaryd::net {

// Request line, Host, the message's headers, Content-Length where there is a body or the method has
// one (POST, PUT, PATCH), and the body. Refused (fault::refused): a method or header name that is
// no token, control characters in a header's value, and headers that the transport writes itself.
result<std::string> make_request_text(const request& message);

}  // namespace canaryd::net
