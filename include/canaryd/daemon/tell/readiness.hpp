// The state of the daemon, for /readyz and /v1/status of the control socket.
#pragma once

#include "canaryd/base/time.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::daemon {

// Where the daemon answers. `trouble` says what is wrong with a place where it should answer, and
// is empty if nothing is.
struct listening_addresses {
  std::vector<std::string> open;
  std::string trouble;
};

// The conditions for the daemon to do its work. Each text says what is wrong, and is empty if
// nothing is.
struct readiness {
  std::string jobs_resumed;
  std::string token;
  std::string incoming_watched;
  std::string jobs_dir;
  std::string state_written;
  std::string listening;
  // A refused file does not stop the daemon from working. But no later change takes effect, and no
  // other machine can start with the file, until somebody corrects it.
  std::string configuration;
  // Wrong if a deploy may be live but cannot be looked up.
  std::string deploys_known;
  std::string jobs_readable;
  std::string audit_readable;

  bool is_ready() const {
    return jobs_resumed.empty() && token.empty() && incoming_watched.empty() && jobs_dir.empty() &&
           state_written.empty() && configuration.empty() && deploys_known.empty() &&
           jobs_readable.empty() && audit_readable.empty() && listening.empty();
  }
};

// {"ready":true,"checks":{"jobs_resumed":"ok",…}}
boost::json::object view_readiness(const readiness& checks);

// How one platform is doing.
struct platform_status {
  // api_health::text().
  std::string api;
  // The rate that the rate budget allows now, and the number of calls that wait for it.
  double requests_per_second = 0.0;
  std::size_t waiting_calls = 0;
  double stretch = 1.0;
  // Empty if there is no token.
  std::optional<duration> token_age = std::nullopt;
};

struct daemon_status {
  readiness checks;
  duration uptime{};
  // The number of jobs by state; a state without a job is left out.
  std::vector<std::pair<std::string, std::size_t>> jobs;
  std::size_t queued_records = 0;
  // api_health::text().
  std::string api;
  // The rate that the rate budget allows now, and the number of calls that wait for it.
  double requests_per_second = 0.0;
  std::size_t waiting_calls = 0;
  double stretch = 1.0;
  // Empty if there is no token.
  std::optional<duration> token_age;
  // If there are several platforms, all of them by name. The values above are then those of one of
  // them.
  std::vector<std::pair<std::string, platform_status>> platforms;
  std::vector<std::string> listening;
  // config_health::view().
  boost::json::object configuration;
};

boost::json::object view_status(const daemon_status& present);

}  // namespace canaryd::daemon
