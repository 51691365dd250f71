// All that the daemon has of one platform: the driver with its budget and its token, whether the
// platform answers, how fast it may be polled, the webhooks on it and where its records go. No
// platform shares any of it with another, so that trouble of one slows no other.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/async/task_group.hpp"
#include "canaryd/daemon/audit_api.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/daemon/missing_driver.hpp"
#include "canaryd/daemon/pace.hpp"
#include "canaryd/daemon/tell/api_health.hpp"
#include "canaryd/daemon/tell/metrics.hpp"
#include "canaryd/daemon/tell/readiness.hpp"
#include "canaryd/daemon/webhooks.hpp"
#include "canaryd/net/transport.hpp"
#include "canaryd/platform/driver.hpp"
#include "canaryd/platform/token/token_source.hpp"

#include <functional>
#include <memory>
#include <string>

namespace canaryd::daemon {

// What every platform is reached from. The references outlive the access.
struct platform_surroundings {
  async::executor ex;
  metrics& measures;
  // Evenly spread over [0, 1).
  std::function<double()> random;
  // Called where a part of it fails, which is a defect.
  std::function<void()> on_failure;
};

class platform_access {
 public:
  // Of a platform that is not configured, until it is.
  platform_access(std::string name, const platform_surroundings& around);
  ~platform_access();

  // Takes these settings for all calls that start from now on. The transport, which outlives the
  // access, counts the first time.
  void configure(const platform_config& settings, const platform_secrets& keys,
                 net::transport& transport);
  // From now on its token is held, once it is configured.
  void start();

  const std::string& name() const { return name_; }
  const std::string& base_url() const { return base_url_; }
  platform::driver& driver();
  const platform::driver& driver() const;
  // Requires capabilities::registers_webhooks.
  webhooks& hooks();
  pace& rhythm() { return pace_; }

  // False if the platform has nothing that takes audit records. True of one that is not configured:
  // its records wait until it is.
  bool takes_records() const;
  // Takes the audit records of its jobs. Requires that it is configured.
  delivery::sink& records();

  const api_health& health() const { return health_; }
  // Why there is no token that was obtained with the present credentials; empty where there is one,
  // or none is needed or has been asked for.
  std::string token_trouble() const;
  platform::token_source::totals token_counts() const;
  // Of the credentials in use; empty where it is not configured.
  std::string client_id() const;
  platform_status status() const;

  // For shutdown: first what runs by itself, and once all calls have ended the token.
  void cancel();
  async::task<> join();
  async::task<> end_token();

 private:
  // Everything that only a configured platform has.
  struct way;

  void run_by_itself();
  poll_capacity capacity() const;

  std::string name_;
  platform_surroundings around_;
  std::string base_url_;
  missing_driver missing_;
  api_health health_;
  std::unique_ptr<way> way_;
  pace pace_;
  bool is_started_ = false;
  async::task_group tasks_;
};

}  // namespace canaryd::daemon
