// Makes certificates for a TLS server on loopback: a new authority, and a leaf that it signs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace canaryd::sim {

struct certificate_options {
  // The DNS names and IP addresses of the leaf. The first one is also its common name.
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  // If false, the leaf has only a common name, like a certificate from before 2000.
  bool lists_names = true;
  // Both count from now. The default begins an hour ago, because clocks may differ a little.
  std::chrono::seconds valid_from = -std::chrono::hours{1};
  std::chrono::seconds valid_until = std::chrono::days{365};
};

// The certificates as PEM texts.
struct certificates {
  std::string ca_pem;
  std::string cert_pem;
  // The leaf's key, unencrypted. The authority's key is thrown away.
  std::string key_pem;
};

// Makes ECDSA P-256 keys. Throws std::runtime_error if OpenSSL fails or a name is not valid.
certificates make_certificates(const certificate_options& options = {});

}  // namespace canaryd::sim
