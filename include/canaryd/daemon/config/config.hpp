// The configuration file of canaryd (reference: "Configuration"). config/canaryd.schema.json says
// the same as a JSON Schema, config/canaryd.json is an example with every key.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/delivery/audit_route.hpp"
#include "canaryd/job/job_file.hpp"
#include "canaryd/platform/deployments/settings.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

inline constexpr std::size_t max_config_bytes = 256UZ * 1024;

// What is said of one platform.
using platform_config = platform::deployments::settings;

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

struct audit_config {
  std::string file = "/var/log/canaryd/audit.jsonl";
  // Where new records go; see delivery::audit_destinations().
  std::vector<delivery::audit_sink> sinks{delivery::audit_sink::api};

  bool operator==(const audit_config&) const = default;
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
  // By name. What `api` says is the platform job::default_platform.
  std::map<std::string, platform_config> platforms{{job::default_platform, {}}};
  std::string jobs_dir = "/var/spool/canaryd";
  std::string state_dir = "/var/lib/canaryd";
  std::string control_socket = "/run/canaryd/control.sock";
  std::optional<listen_address> http_listen;
  audit_config audit;
  log_config log;
  limits_config limits;
  // For job files; checked.
  boost::json::object defaults;
  duration retention = std::chrono::days{90};

  bool operator==(const config&) const = default;

  // The platform job::default_platform. Requires that it is configured.
  platform_config& api() { return platforms.at(job::default_platform); }
  const platform_config& api() const { return platforms.at(job::default_platform); }
};

// The platform of a job that names none: the only one, else job::default_platform.
std::string usual_platform(const config& from);

// Reads a configuration as an operator writes it (text/json_text.hpp). `credentials_directory` is
// systemd's $CREDENTIALS_DIRECTORY, empty where there is none. Looks at no file. Otherwise: all
// problems, sorted by place, as job::parse_job_file gives them; none quotes a secret.
std::expected<config, text::problem_list> parse_config(std::string_view bytes,
                                                       std::string_view credentials_directory);

// What the configuration has to say about job files; of webhook secrets, the same for all
// platforms.
job::job_rules make_job_rules(const config& from, bool webhook_secret_configured);

}  // namespace canaryd::daemon
