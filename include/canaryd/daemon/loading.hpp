// Loads a configuration and everything that it names, and checks all of it. Used by the start, by a
// reload and by --check-config.
#pragma once

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/net/https_pool.hpp"
#include "canaryd/text/operator_file.hpp"

#include <expected>
#include <map>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct loaded_config {
  // The text of the file. If there are further parts, one text that says the same as all of them.
  std::string text;
  config settings;
  secrets keys;
  // By platform.
  std::map<std::string, net::prepared_https> https;
};

// On failure, a line for each problem. No line quotes a secret.
using load_result = std::expected<loaded_config, std::vector<std::string>>;

// Reads and checks the file with its further parts (text::read_split_file), and prepares what the
// configuration asks for: secrets, TLS context and proxy.
load_result load_config(const std::string& file, const credential_sources& sources);

// The same for files that were already read.
load_result load_config(text::split_file files, const credential_sources& sources);

// The sources of this process, with $CREDENTIALS_DIRECTORY. All credentials are required.
credential_sources own_credentials();

// The sources for --check-config: those of this process if systemd gave it any, otherwise those of
// the service, as far as they can be read.
credential_sources credentials_for_check();

}  // namespace canaryd::daemon
