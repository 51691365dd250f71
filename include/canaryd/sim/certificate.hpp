// Certificates for a TLS server on loopback: an authority of one's own, and a leaf signed by it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace canaryd::sim {

struct certificate_options {
  // DNS names and IP addresses that the leaf is for; the first one is also its common name.
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  // False: as certificates were before 2000, with a common name alone.
  bool lists_names = true;
  // Counted from now; an hour back, so that clocks may differ a little.
  std::chrono::seconds valid_from = -std::chrono::hours{1};
  std::chrono::seconds valid_until = std::chrono::days{365};
};

// Each as PEM text.
struct certificates {
  std::string ca_pem;
  std::string cert_pem;
  // The leaf's key, unencrypted. The authority's key is thrown away.
  std::string key_pem;
};

// Keys are ECDSA P-256. Throws std::runtime_error where OpenSSL fails, or a name is not valid.
certificates make_certificates(const certificate_options& options = {});

}  // namespace canaryd::sim
