// The platforms side by side: those that are configured, and those that only jobs still name
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
  // Gives the way to a configured platform, which outlives this.
  using transport_source = std::function<net::transport&(const std::string& platform)>;

  platforms(const config& settings, const secrets& keys, transport_source transports,
            platform_surroundings around);

  // Takes the new settings. One that was removed goes on with what it has to finish.
  void reconfigure(const config& settings, const secrets& keys);

  // The platform of that name, configured or not. A reference stays good.
  platform_access& of(const std::string& name);
  // Those that are configured, by name.
  std::vector<platform_access*> configured() const;
  // See usual_platform().
  const std::string& usual() const { return usual_; }

  // The configured platforms whose client is another in `keys`.
  std::set<std::string> other_clients(const secrets& keys) const;

  // See platform_access::start().
  void start();
  // From the outside in, as platform_access has them.
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
