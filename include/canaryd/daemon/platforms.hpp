// Has an access for each platform that is configured, and for each that only jobs still name
// (reference: "Platforms").
#pragma once

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/reload.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/daemon/platform_access.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace canaryd::daemon {

class platforms {
 public:
  // Gives the transport to a configured platform. It must outlive this object.
  using transport_source = std::function<net::transport&(const std::string& platform)>;

  platforms(const config& settings, const secrets& keys, transport_source transports,
            platform_surroundings around);

  // Takes new settings. A platform that was removed from them finishes what it has begun.
  void reconfigure(const config& settings, const secrets& keys);

  // Returns the platform of that name, whether it is configured or not. The reference stays valid.
  platform_access& of(const std::string& name);
  // The configured platforms, sorted by name.
  std::vector<platform_access*> configured() const;
  // See usual_platform().
  const std::string& usual() const { return usual_; }

  // Returns the configured platforms that have another client in `keys`.
  std::set<std::string> other_clients(const secrets& keys) const;

  // See platform_access::start().
  void start();
  // See platform_access for the order of these three.
  void cancel();
  async::task<> join();
  async::task<> end_tokens();

 private:
  platform_surroundings around_;
  transport_source transports_;
  std::map<std::string, std::unique_ptr<platform_access>> all_;
  std::set<std::string> configured_;
  std::string usual_;
  bool is_started_ = false;
};

}  // namespace canaryd::daemon
