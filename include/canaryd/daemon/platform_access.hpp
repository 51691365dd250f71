// All that the daemon has of one platform: the driver with its budget and its token, whether the
// platform answers, how fast it may be polled, and the webhooks on it. No platform shares any of it
// with another, so that trouble of one slows no other.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/daemon/pace.hpp"
#include "canaryd/daemon/tell/api_health.hpp"
#include "canaryd/daemon/tell/metrics.hpp"
#include "canaryd/daemon/webhooks.hpp"
#include "canaryd/net/transport.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"
#include "canaryd/platform/driver.hpp"
#include "canaryd/platform/token/token_source.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace canaryd::platform::deployments {
class deployments_driver;
}

namespace canaryd::daemon {

class platform_access {
 public:
  // Transport and measures outlive it. `random` gives numbers evenly spread over [0, 1);
  // `on_failure` is called where a part of it fails, which is a defect.
  platform_access(async::executor ex, const platform_config& settings, const secrets& keys,
                  net::transport& transport, metrics& measures, std::function<double()> random,
                  std::function<void()> on_failure);
  ~platform_access();

  // Takes new settings for all calls that start from now on.
  void reconfigure(const platform_config& settings, const secrets& keys);

  platform::driver& driver();
  const platform::driver& driver() const;
  webhooks& hooks() { return hooks_; }
  pace& rhythm() { return pace_; }
  const pace& rhythm() const { return pace_; }
  const api_health& health() const { return health_; }
  const platform::rate_budget& budget() const { return budget_; }

  // Finds a wrong secret at the start or reload that brings it, not by the first job: asks for a
  // token until the present credentials have brought one, until it is cancelled.
  async::task<> hold_token();
  // Why there is no token that was obtained with the present credentials; empty where there is one,
  // or none has been asked for.
  std::string token_trouble() const;
  // Nothing where there is no token.
  std::optional<instant> token_obtained_at() const { return tokens_.obtained_at(); }
  const platform::token_source::totals& token_counts() const { return tokens_.counts(); }
  // Of the credentials in use.
  const std::string& client_id() const { return tokens_.options().client_id; }

  // For shutdown: first the webhooks, which use the token, and once all calls have ended the token.
  void cancel_webhooks() { hooks_.cancel(); }
  async::task<> join_webhooks() { return hooks_.join(); }
  async::task<> end_token();

 private:
  using driver_type = platform::deployments::deployments_driver;

  void observe(metrics& measures);
  bool has_proven_credentials() const;

  platform::rate_budget budget_;
  platform::token_source tokens_;
  std::unique_ptr<driver_type> driver_;
  api_health health_;
  pace pace_;
  webhooks hooks_;
  // Rung when the credentials may have changed.
  async::wakeup credentials_bell_;
  instant credentials_changed_at_ = instant::min();
};

}  // namespace canaryd::daemon
