// The program cognigy-sim without its command line.
#pragma once

#include "canaryd/sim/world.hpp"

#include <cstdint>
#include <string>

namespace canaryd::sim {

struct program_options {
  std::string address = "127.0.0.1";
  // 0 means a free port.
  std::uint16_t port = 8443;
  // Uses plain http instead of TLS.
  bool plain = false;
  // The directory for ca.pem, cert.pem, key.pem, client_secret and webhook_secret. Certificates
  // that are already there are used. Empty means a fresh directory below $TMPDIR.
  std::string cert_dir;
  // The file that the port is written to once it is open; empty means none.
  std::string port_file;
  // Prints no lines about what happens.
  bool quiet = false;
  // Prints a line for every request.
  bool log_requests = false;
  world_options world;
};

// Serves until SIGTERM or SIGINT. Returns the exit code: 0, or 75 if it could not start. Standard
// error then says why.
int run_program(program_options options);

}  // namespace canaryd::sim
