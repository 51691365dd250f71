// cognigy-sim apart from its command line.
#pragma once

#include "canaryd/sim/world.hpp"

#include <cstdint>
#include <string>

namespace canaryd::sim {

struct program_options {
  std::string address = "127.0.0.1";
  // 0: a free one.
  std::uint16_t port = 8443;
  // Plain http instead of TLS.
  bool plain = false;
  // Where ca.pem, cert.pem, key.pem, client_secret and webhook_secret are written; certificates
  // that are there already are used. Empty: a fresh directory below $TMPDIR.
  std::string cert_dir;
  // Where the port is written once it is listened on; empty: nowhere.
  std::string port_file;
  // No lines about what happens.
  bool quiet = false;
  // A line for every request.
  bool log_requests = false;
  world_options world;
};

// Serves until SIGTERM or SIGINT. Returns the exit code: 0, or 75 where it could not start, which
// has been said on standard error.
int run_program(program_options options);

}  // namespace canaryd::sim
