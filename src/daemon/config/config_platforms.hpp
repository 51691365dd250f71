// Reads the part of the configuration that says where bots run.
#pragma once

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/text/json_fields.hpp"

#include <string_view>

namespace canaryd::daemon {

// Reads `api` and `platforms`, of which at least one is required, and reports what is wrong with
// them.
void read_platforms(text::json_fields& in, config& into, std::string_view credentials_directory);

}  // namespace canaryd::daemon
