// The configuration file of canaryd (reference: "Configuration"). config/canaryd.schema.json says
// the same as a JSON Schema, config/canaryd.json is an example with every key.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/job/job_file.hpp"
#include "canaryd/platform/calls.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

inline constexpr std::size_t max_config_bytes = 256UZ * 1024;

// At most `requests` in any time of length `per`.
struct rate_limit {
  std::int64_t requests = 1000;
  duration per = std::chrono::minutes{5};

  bool operator==(const rate_limit&) const = default;
};

struct api_config {
  // https, or http to a loopback address; base_url is without query and without a slash at its end.
  std::string base_url = "https://app.cognigy.ai/api/v1";
  std::string token_url = "https://app.cognigy.ai/oauth/token";
  // One of the two is set, the other empty.
  std::string client_id;
  std::string client_id_file;
  std::string client_secret_file;
  // Empty: there is no webhook secret.
  std::string webhook_secret_file;
  // True where the file was not named: there need be none in the credentials directory.
  bool webhook_secret_is_optional = false;
  std::vector<std::string> scopes{"bot:deploy", "metrics:read", "webhook:manage", "audit:write"};
  // Empty: the system's trust store.
  std::string ca_file;
  // "http://host:port"; empty: none.
  std::string proxy;
  duration connect_timeout = std::chrono::seconds{5};
  duration request_timeout = std::chrono::seconds{30};
  std::size_t max_connections = 32;
  daemon::rate_limit rate_limit;
  // 'm' or 's'.
  char window_unit = 'm';
  // Empty: none.
  std::string fallback_metrics_url;
  // The standard calls with the configured ones in their place.
  platform::call_table calls;

  bool operator==(const api_config&) const = default;
};

// A literal address, without the brackets of an IPv6 one.
struct listen_address {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const listen_address&) const = default;
};

struct log_config {
  // "debug", "info", "warning", "error" or "critical".
  std::string level = "info";
  // "auto", "journal" or "stderr".
  std::string target = "auto";

  bool operator==(const log_config&) const = default;
};

struct limits_config {
  duration min_interval = std::chrono::seconds{5};
  std::size_t max_active_jobs = 100'000;
  // How many times its interval a poll may take before further jobs wait.
  double max_stretch = 4;
  std::size_t max_job_series = 1000;

  bool operator==(const limits_config&) const = default;
};

struct config {
  api_config api;
  std::string jobs_dir = "/var/spool/canaryd";
  std::string state_dir = "/var/lib/canaryd";
  std::string control_socket = "/run/canaryd/control.sock";
  std::optional<listen_address> http_listen;
  log_config log;
  limits_config limits;
  // For job files; checked.
  boost::json::object defaults;
  duration retention = std::chrono::days{90};

  bool operator==(const config&) const = default;
};

// Reads a configuration as an operator writes it (text/json_text.hpp). `credentials_directory` is
// systemd's $CREDENTIALS_DIRECTORY, empty where there is none. Looks at no file. Otherwise: all
// problems, sorted by place, as job::parse_job_file gives them; none quotes a secret.
std::expected<config, text::problem_list> parse_config(std::string_view bytes,
                                                       std::string_view credentials_directory);

// What the configuration has to say about job files.
job::job_rules make_job_rules(const config& from, bool webhook_secret_configured);

}  // namespace canaryd::daemon
