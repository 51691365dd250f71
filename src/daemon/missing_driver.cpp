#include "canaryd/daemon/missing_driver.hpp"

#include "canaryd/async/clock.hpp"

#include <fmt/format.h>

namespace canaryd::daemon {

error missing_driver::problem() const {
  return {.kind = fault::unreachable,
          .text = fmt::format("the platform {} is not configured", name_),
          .status = 0,
          .retry_after = {}};
}

async::task<result<void>> missing_driver::check() {
  co_return std::unexpected{problem()};
}

async::task<result<canary::deployment_list>> missing_driver::find_deployments(
    const platform::target&, platform::priority) {
  co_return std::unexpected{problem()};
}

async::task<result<canary::deployment>> missing_driver::get_deployment(const platform::target&,
                                                                       std::string,
                                                                       platform::priority) {
  co_return std::unexpected{problem()};
}

async::task<result<bool>> missing_driver::version_is_listed(const platform::target&) {
  co_return std::unexpected{problem()};
}

async::task<result<std::string>> missing_driver::deploy(const platform::target&, const job::job&,
                                                        std::string) {
  co_return std::unexpected{problem()};
}

async::task<result<void>> missing_driver::change_traffic(const platform::target&, std::string,
                                                         double, std::string, platform::priority) {
  co_return std::unexpected{problem()};
}

async::task<result<void>> missing_driver::rollback(const platform::target&, std::string,
                                                   std::string, judge::metrics_sample, std::string,
                                                   platform::priority, std::function<void()>) {
  co_return std::unexpected{problem()};
}

async::task<result<void>> missing_driver::promote(const platform::target&, std::string,
                                                  judge::metrics_sample, std::string) {
  co_return std::unexpected{problem()};
}

async::task<result<std::vector<platform::webhook>>> missing_driver::list_webhooks(
    const platform::target&) {
  co_return std::unexpected{problem()};
}

async::task<result<void>> missing_driver::register_webhook(const platform::target&,
                                                           platform::webhook, std::string,
                                                           std::string) {
  co_return std::unexpected{problem()};
}

async::task<result<void>> missing_driver::audit(const platform::target&, canary::audit_record) {
  co_return std::unexpected{problem()};
}

async::task<platform::poll_answer> missing_driver::poll(const platform::target&,
                                                        platform::metrics_query query) {
  co_return platform::poll_answer{std::unexpected{problem()}, query.window, async::clock::now()};
}

}  // namespace canaryd::daemon
