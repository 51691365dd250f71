// The secret files that a configuration names.
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/core/secret.hpp"
#include "canaryd/daemon/config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct secrets {
  // From the configuration, or from the file that it names.
  std::string client_id;
  core::secret client_secret;
  // Nothing where none is configured.
  std::optional<core::secret> webhook_secret;
  // For the log: files that everybody on the machine may read.
  std::vector<std::string> warnings;
};

// Reads them. A file is a regular one (links are followed) of at most 64 KiB; one newline at its
// end is not part of the secret, and nothing else may be a control character. fault::system, with
// the file's name, where one is missing, empty or not allowed.
core::result<secrets> load_secrets(const config& from);

}  // namespace canaryd::daemon
