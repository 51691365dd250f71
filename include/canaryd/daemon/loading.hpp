// Loads a configuration file and everything that it names, and checks all of it. Used by the start,
// by a reload and by --check-config.
#pragma once

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/net/https_pool.hpp"

#include <expected>
#include <map>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct loaded_config {
  // The text of the file.
  std::string text;
  config settings;
  secrets keys;
  // By platform.
  std::map<std::string, net::prepared_https> https;
};

// On failure, a line for each problem. No line quotes a secret.
using load_result = std::expected<loaded_config, std::vector<std::string>>;

// Reads and checks the file, and prepares what it asks for: secrets, TLS context and proxy.
load_result load_config(const std::string& file, const credential_sources& sources);

// The same for a text that was already read. The lines call it `file`.
load_result load_config_text(std::string text, const std::string& file,
                             const credential_sources& sources);

// The sources of this process, with $CREDENTIALS_DIRECTORY. All credentials are required.
credential_sources own_credentials();

// The sources for --check-config: those of this process if systemd gave it any, otherwise those of
// the service, as far as they can be read.
credential_sources credentials_for_check();

}  // namespace canaryd::daemon
