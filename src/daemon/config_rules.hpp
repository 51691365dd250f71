// What the values of the configuration may be, beyond core/json_rules.hpp.
#pragma once

#include "canaryd/core/json_rules.hpp"
#include "canaryd/daemon/config.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>

namespace canaryd::daemon {

// An absolute path without control characters.
core::rule<std::string> absolute_path(std::size_t max_bytes = 4095);

// https, or http to a loopback address; the second one without a query.
core::rule<std::string> api_url();
core::rule<std::string> base_url();
// http://host:port and nothing behind it.
core::rule<std::string> proxy_url();
// The text of a path template; cognigy::find_problem looks at the rest.
core::rule<std::string> call_path();

core::rule<std::string> client_id();
// A scope-token of RFC 6749, section 3.3.
core::rule<std::string> scope();
// One of the words.
core::rule<std::string> word(std::initializer_list<std::string> words);
// An address literal and a port, 0 for any free one.
core::rule<listen_address> listening_place();

}  // namespace canaryd::daemon
