// Rules for values of the configuration that text/json_rules.hpp does not have.
#pragma once

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>

namespace canaryd::daemon {

// The shortest duration that the configuration may have.
inline constexpr duration shortest = std::chrono::milliseconds{1};

// Reads a key that may be null, which means the same as leaving it out.
template <class Target, class T>
bool read_or_null(text::json_fields& in, std::string_view key, Target& target,
                  text::rule<T> allowed) {
  std::optional<T> found;
  if (!in.read(key, found, text::nullable(std::move(allowed))) || !found)
    return false;
  target = *std::move(found);
  return true;
}

// An absolute path without control characters.
text::rule<std::string> absolute_path(std::size_t max_bytes = 4095);

// https, or http to a loopback address. base_url() allows no query.
text::rule<std::string> api_url();
text::rule<std::string> base_url();
// http://host:port with nothing behind it.
text::rule<std::string> proxy_url();
// The characters of a path template. platform::deployments::find_problem checks the rest.
text::rule<std::string> call_path();

text::rule<std::string> client_id();
// A scope-token of RFC 6749, section 3.3.
text::rule<std::string> scope();
// One of these words.
text::rule<std::string> word(std::initializer_list<std::string> words);
// An address literal and a port. Port 0 means any free port.
text::rule<listen_address> listening_address();

}  // namespace canaryd::daemon
