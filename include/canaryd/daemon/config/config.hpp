// Reads the configuration of canaryd (reference: "Configuration"). config/canaryd.schema.json says
// the same as a JSON Schema, and config/canaryd.json is an example with every key.
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

// Of all files of a configuration together.
inline constexpr std::size_t max_config_bytes = 1024UZ * 1024;

// The configuration of one platform.
using platform_config = platform::deployments::settings;

// A literal address. An IPv6 address has no brackets here.
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
  // By which factor polls may be stretched before further jobs have to wait.
  double max_stretch = 4;
  std::size_t max_job_series = 1000;

  bool operator==(const limits_config&) const = default;
};

struct config {
  // By name. The key `api` is the platform job::default_platform.
  std::map<std::string, platform_config> platforms{{job::default_platform, {}}};
  std::string jobs_dir = "/var/spool/canaryd";
  std::string state_dir = "/var/lib/canaryd";
  std::string control_socket = "/run/canaryd/control.sock";
  std::optional<listen_address> http_listen;
  audit_config audit;
  log_config log;
  limits_config limits;
  // The defaults for job files, which have been checked.
  boost::json::object defaults;
  duration retention = std::chrono::days{90};

  bool operator==(const config&) const = default;

  // The platform job::default_platform. Requires that it is configured.
  platform_config& api() { return platforms.at(job::default_platform); }
  const platform_config& api() const { return platforms.at(job::default_platform); }
};

// Returns the platform of a job that names none: the only one, or job::default_platform if there
// are several.
std::string usual_platform(const config& from);

// Reads a configuration as an operator writes it (text/json_text.hpp). `credentials_directory` is
// systemd's $CREDENTIALS_DIRECTORY, or empty if there is none. Looks at no file. Otherwise returns
// all problems, sorted by place, as job::parse_job_file does. None of them quotes a secret.
std::expected<config, text::problem_list> parse_config(std::string_view bytes,
                                                       std::string_view credentials_directory);

// The same for an object that was read already, such as several files merged. Adds what is wrong to
// `problems`, without places. If anything is, the result is of no use.
config read_config(const boost::json::object& object, std::string_view credentials_directory,
                   text::problem_list& problems);

// Returns what the configuration says about job files. `webhook_secret_configured` counts for all
// platforms.
job::job_rules make_job_rules(const config& from, bool webhook_secret_configured);

}  // namespace canaryd::daemon
