// The text of a HAProxy configuration that shares one bot's sessions out between its two endpoints
// (reference: "Platforms"). Pure; written for HAProxy 2.6.
#pragma once

#include "canaryd/base/error.hpp"

#include <cstdint>
#include <string>

namespace canaryd::platform {

// What HAProxy has to know of a bot in an environment.
struct haproxy_bot {
  std::string bot_id;
  std::string environment_id;
  // The map with the share, and the bot's key in it. The file has to exist with the line `<key> 0`
  // before HAProxy starts.
  std::string map_file;
  std::string map_key;
  // Bots with different seeds put different sessions of the same ids on the canary.
  std::uint32_t seed = 0;
  std::string stable_backend;
  std::string canary_backend;
  // The host of Cognigy's endpoints, which is spoken to over TLS. A name and no address, because
  // the certificate is checked for it.
  std::string endpoint_host;
  std::uint16_t endpoint_port = 443;
  // The authorities that may sign the host's certificate; empty: those of the system.
  std::string ca_file;
  // What Cognigy calls URLToken: clients use that of the stable endpoint.
  std::string stable_url_token;
  std::string canary_url_token;
  // Where the daemon answers `GET /v1/watched/<bot>/<environment>`: an IP address that HAProxy
  // reaches, without brackets, and a port.
  std::string daemon_address = "127.0.0.1";
  std::uint16_t daemon_port = 0;
  // Where clients connect to: `*:8080`, `192.0.2.7:443`, `[::]:443`.
  std::string bind;
  // Certificate and key in one PEM file for TLS with clients; empty: plain HTTP.
  std::string bind_certificate;
  std::string stats_socket = "/run/haproxy/admin.sock";
  // The user and group that HAProxy changes to, whose group may use the stats socket; empty: it
  // stays what it is started as.
  std::string run_as = "haproxy";
};

// A complete configuration with comments. It does what `haproxy_splitter` relies on: a session
// whose id hashes below the share is on the canary, all others and requests without a session id
// are on the stable endpoint; and all are where the daemon has not said for some seconds that it
// watches the canary. Fails with `refused` where a field could not stand in the file as what it is
// meant to be; the text names the field.
result<std::string> make_haproxy_config(const haproxy_bot& bot);

}  // namespace canaryd::platform
