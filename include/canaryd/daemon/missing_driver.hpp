// Stands for a platform that jobs name but the configuration no longer has (reference:
// "Platforms"). Every call fails as if nobody answered, so that its canaries are neither forgotten
// nor taken for ended.
#pragma once

#include "canaryd/platform/driver.hpp"

#include <string>

namespace canaryd::daemon {

class missing_driver final : public platform::driver {
 public:
  explicit missing_driver(std::string name) : name_{std::move(name)} {}

  platform::capabilities can() const override { return {}; }
  platform::terms terms() const override { return {}; }

  async::task<result<void>> check() override;
  async::task<result<canary::deployment_list>> find_deployments(const platform::target& where,
                                                                platform::priority rank) override;
  async::task<result<canary::deployment>> get_deployment(const platform::target& where,
                                                         std::string id,
                                                         platform::priority rank) override;
  async::task<result<bool>> version_is_listed(const platform::target& where) override;
  async::task<result<std::string>> deploy(const platform::target& where, const job::job& job,
                                          std::string key) override;
  async::task<result<void>> change_traffic(const platform::target& where, std::string id,
                                           double canary_percent, std::string key,
                                           platform::priority rank) override;
  async::task<result<void>> rollback(const platform::target& where, std::string id,
                                     std::string reason, judge::metrics_sample metrics,
                                     std::string key, platform::priority rank,
                                     std::function<void()> on_sent) override;
  async::task<result<void>> promote(const platform::target& where, std::string id,
                                    judge::metrics_sample metrics, std::string key) override;
  async::task<result<std::vector<platform::webhook>>> list_webhooks(
      const platform::target& where) override;
  async::task<result<void>> register_webhook(const platform::target& where, platform::webhook hook,
                                             std::string secret, std::string key) override;
  async::task<result<void>> audit(const platform::target& where,
                                  canary::audit_record record) override;
  async::task<platform::poll_answer> poll(const platform::target& where,
                                          platform::metrics_query query) override;
  duration typical_poll() const override { return {}; }

 private:
  error problem() const;

  std::string name_;
};

}  // namespace canaryd::daemon
