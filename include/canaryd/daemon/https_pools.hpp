// Has a pool of connections for each platform.
#pragma once

#include "canaryd/net/https_pool.hpp"

#include <map>
#include <string>

namespace canaryd::daemon {

class https_pools {
 public:
  using settings = std::map<std::string, net::prepared_https>;

  https_pools(async::executor ex, settings by_platform) : executor_{std::move(ex)} {
    adopt(std::move(by_platform));
  }

  // Takes new settings. The pools of platforms that are not among them stay as they are.
  void adopt(settings by_platform) {
    for (auto& [name, each] : by_platform) {
      if (const auto known = pools_.find(name); known != pools_.end())
        known->second.adopt(std::move(each));
      else
        pools_.try_emplace(name, executor_, std::move(each));
    }
  }

  // Returns the pool of a platform. Requires that its settings were given. The reference stays
  // valid.
  net::https_pool& of(const std::string& platform) { return pools_.at(platform); }

 private:
  async::executor executor_;
  std::map<std::string, net::https_pool> pools_;
};

}  // namespace canaryd::daemon
