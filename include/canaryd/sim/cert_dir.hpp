// The directory in which cognigy-sim puts the files that a client needs: certificates and secrets.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/sim/certificate.hpp"

#include <string>

namespace canaryd::sim {

struct client_files {
  std::string directory;
  certificates tls;

  std::string ca_file() const { return directory + "/ca.pem"; }
  std::string client_secret_file() const { return directory + "/client_secret"; }
  std::string webhook_secret_file() const { return directory + "/webhook_secret"; }
};

// Makes the directory if it is missing. If `directory` is empty, makes a fresh one below $TMPDIR or
// /tmp. Uses the certificates that are there if ca.pem, cert.pem and key.pem all exist, and writes
// new ones otherwise. Only the owner can read keys and secrets. Fails with fault::system.
result<client_files> prepare_client_files(const std::string& directory,
                                          const std::string& client_secret);

// Writes a small file. `mode` is that of open(2).
result<void> write_text_file(const std::string& path, std::string_view text, unsigned mode);

// Reads a file of at most `limit` bytes.
result<std::string> read_text_file(const std::string& path, std::size_t limit);

}  // namespace canaryd::sim
