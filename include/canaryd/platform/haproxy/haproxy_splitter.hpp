// HAProxy as the splitter: a bot's share is a value in one of its maps (reference: "Platforms").
#pragma once

#include "canaryd/platform/splitter.hpp"

#include <utility>

namespace canaryd::platform {

struct haproxy_settings {
  // HAProxy's stats socket.
  std::string socket;
  // The map's file, written as in HAProxy's configuration, which knows the map by it. HAProxy reads
  // the file when it starts; changes are made in its memory only.
  std::string map;
  // How long a call may take as a whole.
  duration timeout = std::chrono::seconds{1};
};

// Several calls may run at the same time; each has connections of its own, and does not need the
// object once it has begun. An error's text names the socket and the command. A key, backend or map
// whose name could be more than a name on the command line is `refused` and not sent.
class haproxy_splitter final : public splitter {
 public:
  explicit haproxy_splitter(haproxy_settings settings) : settings_{std::move(settings)} {}

  async::task<result<basis_points>> read_share(std::string key) override;
  // A share outside of 0 to 10,000 is `refused`. If the share was sent and cannot be read back, the
  // error is `lost`.
  async::task<result<void>> set_share(std::string key, basis_points share) override;
  async::task<result<backend_counters>> read_counters(std::string backend) override;

 private:
  haproxy_settings settings_;
};

}  // namespace canaryd::platform
