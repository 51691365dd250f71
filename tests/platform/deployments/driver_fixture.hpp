// A platform over a scripted transport, in virtual time.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/platform/deployments/deployments_driver.hpp"

#include <gtest/gtest.h>

#include "platform/scripted_transport.hpp"
#include "support/virtual_time.hpp"
#include <string>

namespace canaryd::platform::deployments {

inline async::task<> promote_and_count(deployments_driver& api, target where, int& done) {
  const auto answer = co_await api.promote(where, "d-1", {}, "k");
  done += answer ? 1 : 0;
}

inline async::task<> find_and_count(deployments_driver& api, target where, int& done) {
  const auto found = co_await api.find_deployments(where, priority::deploy);
  done += found ? 1 : 0;
}

class driver_test : public testing::Test {
 protected:
  ~driver_test() override {
    source.cancel();
    tasks.cancel();
    time.settle();
  }

  const net::request& only_request() const { return transport.requests.front().message; }

  support::virtual_time time;
  scripted_transport transport;
  rate_budget budget{time.executor(),
                     {.requests = 60'000, .per = std::chrono::seconds{60}, .max_connections = 32}};
  double next_random = 0.5;
  token_source source{time.executor(),
                      {.token_url = "https://app.cognigy.ai/oauth/token",
                       .client_id = "id",
                       .client_secret = text::secret{std::string_view{"hush"}},
                       .scopes = {"bot:deploy", "metrics:read"}},
                      transport,
                      budget,
                      [this] { return next_random; }};
  driver_options options{.calls = {},
                         .scopes = {"bot:deploy", "metrics:read"},
                         .window_unit = 'm',
                         .fallback_metrics_url = {}};
  deployments_driver api{time.executor(), options, transport,
                         source,          budget,  [this] { return next_random; }};
  target where{.base_url = "https://app.cognigy.ai/api/v1",
               .bot_id = "bot_1",
               .environment_id = "env_1",
               .version = "2.1.0"};
  async::task_group tasks{time.executor()};
};

}  // namespace canaryd::platform::deployments
