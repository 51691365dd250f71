// Registers the webhooks through which Cognigy tells CI/CD how a canary ended (SPEC section 5,
// "webhooks"): each once, however often it is asked for.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/cognigy/platform.hpp"
#include "canaryd/core/secret.hpp"

#include <functional>
#include <string>

namespace canaryd::daemon {

class webhooks {
 public:
  webhooks(async::executor ex, cognigy::platform& platform, core::secret secret,
           std::function<double()> random, std::function<void()> on_failure);

  void reconfigure(core::secret secret) { secret_ = std::move(secret); }

  // Returns when the webhook of that bot and URL is there, or after three tries, which then go on
  // in the background with a warning.
  async::task<> ensure(cognigy::target where, std::string url);

  void cancel() { background_.cancel(); }
  async::task<> join() { return background_.join(); }

 private:
  async::task<core::result<void>> register_once(const cognigy::target& where,
                                                const std::string& url);
  async::task<core::result<void>> add(const cognigy::target& where, std::string name,
                                      const std::string& url);
  async::task<> keep_trying(cognigy::target where, std::string url, core::error last);
  core::duration wait_after(const core::error& problem, std::int32_t failures) const;

  cognigy::platform& platform_;
  core::secret secret_;
  std::function<double()> random_;
  async::task_group background_;
};

}  // namespace canaryd::daemon
