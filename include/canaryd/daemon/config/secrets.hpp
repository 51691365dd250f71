// Reads the secret files that a configuration names.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/text/secret.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::daemon {

// Where a service's credentials are. systemd copies those of LoadCredential= from its store into a
// folder that only the service can read.
struct credential_sources {
  // $CREDENTIALS_DIRECTORY; empty if it is not set.
  std::string directory{};
  // The unit reads the credential NAME from the file canaryd.NAME in this folder.
  std::string store = "/etc/credstore";
  // False for a check outside the service. A credential that is not in `directory` is then looked
  // for in `store`. If it cannot be read there either, it is left unchecked.
  bool required = true;
};

// The secrets of one platform.
struct platform_secrets {
  // Comes from the configuration or from the file that it names.
  std::string client_id;
  text::secret client_secret;
  // Empty if none is configured.
  std::optional<text::secret> webhook_secret;
};

struct secrets {
  // By platform: one for each that is configured.
  std::map<std::string, platform_secrets> platforms;
  // Texts for the log: files that everybody on this machine may read.
  std::vector<std::string> warnings;
  // Texts for a person: credentials that are missing here because they were left unchecked.
  std::vector<std::string> unchecked;
};

// Reads the secrets. A file must be regular (links are followed) and at most 64 KiB long. One
// newline at its end is not part of the secret, and no other control character is allowed. Fails
// with fault::system if any file is missing, empty or not allowed; the text names these files. For
// a missing credential it names the file in credential_sources::store that an operator must make.
result<secrets> load_secrets(const config& from, const credential_sources& sources = {});

// Logs which of the files everybody on this machine may read.
void warn_of_exposed(const secrets& loaded);

}  // namespace canaryd::daemon
