// Holds all that the daemon has of one platform: the driver with its budget and its token, its
// health, how fast it may be polled, its webhooks, and where its audit records go. Platforms share
// none of this, so that trouble of one slows no other.
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

// What all platforms use together. The references must outlive the access.
struct platform_surroundings {
  async::executor ex;
  metrics& measures;
  // Gives numbers evenly spread over [0, 1).
  std::function<double()> random;
  // Called if a part of an access fails, which is a defect.
  std::function<void()> on_failure;
  // False for a program that asks a few questions and ends. A daemon may have been restarted again
  // and again, and together they must not exceed the rate.
  bool budget_begins_used_up = true;
};

class platform_access {
 public:
  // Until configure() is called, the platform counts as not configured.
  platform_access(std::string name, const platform_surroundings& around);
  ~platform_access();

  // Takes settings for all calls that start from now on. The transport must outlive the access.
  // Only that of the first call is used.
  void configure(const platform_config& settings, const platform_secrets& keys,
                 net::transport& transport);
  // From now on, or once it is configured, keeps the platform's token ready.
  void start();

  const std::string& name() const { return name_; }
  const std::string& base_url() const { return base_url_; }
  platform::driver& driver();
  const platform::driver& driver() const;
  // Requires capabilities::registers_webhooks.
  webhooks& hooks();
  pace& rhythm() { return pace_; }

  // False if the platform takes no audit records. True if it is not configured, because then they
  // wait until it is.
  bool takes_records() const;
  // The sink for the audit records of its jobs. Requires that it is configured.
  delivery::sink& records();

  const api_health& health() const { return health_; }
  // Says why there is no token that was obtained with the present credentials. Empty if there is
  // one, if none is needed, or if none has been asked for yet.
  std::string token_trouble() const;
  platform::token_source::totals token_counts() const;
  // The client id in use. Empty if the platform is not configured.
  std::string client_id() const;
  platform_status status() const;

  // For the shutdown. cancel() and join() end what runs by itself. When all calls have ended,
  // end_token() ends the token.
  void cancel();
  async::task<> join();
  async::task<> end_token();

 private:
  // Has everything that only a configured platform has.
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
