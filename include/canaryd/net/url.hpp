// URLs as far as an API client needs them: absolute, http or https (RFC 3986).
#pragma once

#include "canaryd/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace canaryd::net {

struct url {
  // "https" or "http".
  std::string scheme;
  // Lower case, without the brackets of an IPv6 address.
  std::string host;
  std::uint16_t port = 0;
  // Path and query, at least "/".
  std::string target;

  bool operator==(const url&) const = default;
};

// Reads an absolute http or https URL of at most 8192 bytes. Refuses user and password parts,
// fragments, control characters, spaces, non-ASCII and quoting characters, invalid host names,
// and ports outside 1..65535 (fault::refused); the error's text says which, and quotes nothing.
result<url> parse_url(std::string_view text);

// `scheme://host[:port]/path` for logs: without the query, default ports left out.
std::string loggable(const url& address);

// `host[:port]` as the Host header has it: an IPv6 address in brackets, the default port left out.
std::string authority_of(const url& address);

// True where the host is a loopback address or "localhost".
bool is_loopback(const url& address);

// Percent-encodes everything outside RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace canaryd::net
