// Registers the webhooks through which a platform tells CI/CD how a canary ended (reference:
// "Webhooks"). Each is registered once, however often it is asked for.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/platform/driver.hpp"
#include "canaryd/text/secret.hpp"

#include <functional>
#include <string>

namespace canaryd::daemon {

class webhooks {
 public:
  webhooks(async::executor ex, platform::driver& platform, text::secret secret,
           std::function<double()> random, std::function<void()> on_failure);

  void reconfigure(text::secret secret) { secret_ = std::move(secret); }

  // Returns when the webhook of that bot and URL exists, or after three tries. Then it warns and
  // goes on trying in the background.
  async::task<> ensure(platform::target where, std::string url);

  void cancel() { background_.cancel(); }
  async::task<> join() { return background_.join(); }

 private:
  async::task<result<void>> register_once(const platform::target& where, const std::string& url);
  async::task<result<void>> add(const platform::target& where, std::string name,
                                const std::string& url);
  async::task<> keep_trying(platform::target where, std::string url, error last);
  duration wait_after(const error& problem, std::int32_t failures) const;

  platform::driver& platform_;
  text::secret secret_;
  std::function<double()> random_;
  async::task_group background_;
};

}  // namespace canaryd::daemon
