// The secret files that a configuration names.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/text/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace canaryd::daemon {

// Where a service's credentials are: systemd copies those of LoadCredential= from its store into a
// folder that only the service can read.
struct credential_places {
  // $CREDENTIALS_DIRECTORY; empty where there is none.
  std::string directory{};
  // The unit takes the credential NAME from canaryd.NAME in this folder.
  std::string store = "/etc/credstore";
  // False for a check outside of the service: a credential that is not in `directory` is looked for
  // in `store`, and one that cannot be read in either place is left unchecked.
  bool required = true;
};

struct secrets {
  // From the configuration, or from the file that it names.
  std::string client_id;
  text::secret client_secret;
  // Nothing where none is configured.
  std::optional<text::secret> webhook_secret;
  // For the log: files that everybody on the machine may read.
  std::vector<std::string> warnings;
  // For a person: credentials that are missing here because they were left unchecked.
  std::vector<std::string> unchecked;
};

// Reads them. A file is a regular one (links are followed) of at most 64 KiB; one newline at its
// end is not part of the secret, and nothing else may be a control character. fault::system, with
// the names of the files, where any is missing, empty or not allowed. A missing credential is named
// as the file in credential_places::store that an operator has to make.
result<secrets> load_secrets(const config& from, const credential_places& places = {});

// Says which of them everybody on the machine may read.
void warn_of_exposed(const secrets& loaded);

}  // namespace canaryd::daemon
