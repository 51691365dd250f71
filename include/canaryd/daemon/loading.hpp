// A configuration file with everything that it names, checked as a whole: what a start needs, a
// reload takes over, and --check-config looks at.
#pragma once

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/net/https_pool.hpp"

#include <expected>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct loaded_config {
  // As the file has it.
  std::string text;
  config settings;
  secrets keys;
  net::prepared_https https;
};

// Otherwise: all that is wrong, a line for each, none of which quotes a secret.
using load_result = std::expected<loaded_config, std::vector<std::string>>;

// Reads the file, checks it, and makes what it asks for: secrets, TLS context and proxy.
load_result load_config(const std::string& file, const credential_places& places);

// The same for a text that was read already; `file` is its name in the lines.
load_result load_config_text(std::string text, const std::string& file,
                             const credential_places& places);

// The places of this process: strict, with $CREDENTIALS_DIRECTORY.
credential_places own_credentials();

// For whoever checks the configuration: those of this process where systemd gave it any, else those
// of the service, as far as they can be read.
credential_places credentials_for_check();

}  // namespace canaryd::daemon
