// A driver between a project, a splitter and a source of metrics in memory, in virtual time.
#pragma once

#include "canaryd/platform/cognigy/cognigy_driver.hpp"

#include <gtest/gtest.h>

#include "platform/cognigy/fake_cognigy.hpp"
#include "platform/scripted_transport.hpp"
#include "support/virtual_time.hpp"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::platform::cognigy {

class fake_splitter : public splitter {
 public:
  std::map<std::string, basis_points> shares{{"orders", 0}};
  std::map<std::string, backend_counters> backends{{"orders_stable", {.start = "first"}},
                                                   {"orders_canary", {.start = "first"}}};
  // It says yes, and nothing is changed.
  bool ignores_changes = false;
  std::optional<error> trouble;
  // Every share that was set, in order.
  std::vector<basis_points> changes;

  void restart() {
    shares["orders"] = 0;
    for (auto& [name, counters] : backends)
      counters = {.start = counters.start + "+"};
  }

  async::task<result<basis_points>> read_share(std::string key) override {
    if (trouble)
      co_return std::unexpected{*trouble};
    const auto found = shares.find(key);
    if (found == shares.end())
      co_return canaryd::failure(fault::refused, "entry not found");
    co_return found->second;
  }

  async::task<result<void>> set_share(std::string key, basis_points share) override {
    if (trouble)
      co_return std::unexpected{*trouble};
    const auto found = shares.find(key);
    if (found == shares.end())
      co_return canaryd::failure(fault::refused, "entry not found");
    changes.push_back(share);
    if (ignores_changes)
      co_return canaryd::failure(fault::malformed, "it said yes and changed nothing");
    found->second = share;
    co_return result<void>{};
  }

  async::task<result<backend_counters>> read_counters(std::string backend) override {
    if (trouble)
      co_return std::unexpected{*trouble};
    const auto found = backends.find(backend);
    if (found == backends.end())
      co_return canaryd::failure(fault::refused, "no such backend");
    co_return found->second;
  }
};

class fake_reader : public metrics::arm_reader {
 public:
  std::vector<metrics::arm_query> asked;
  duration takes{};
  result<judge::metrics_sample> answer =
      judge::metrics_sample{.error_rate = 0.01, .conversation_count = 100};

  async::task<result<judge::metrics_sample>> read(metrics::arm_query query) override {
    asked.push_back(std::move(query));
    co_await async::sleep_for(takes);
    co_return answer;
  }
};

class cognigy_test : public testing::Test {
 protected:
  cognigy_test() {
    transport.reply_to = [this](const net::request& message) { return project.reply(message); };
    job.steps = {{.canary_percent = 5.0, .hold = std::chrono::seconds{60}}};
  }
  ~cognigy_test() override {
    api.cancel();
    time.settle();
  }

  static settings make_settings() {
    settings made{.base_url = "https://api-eu.cognigy.ai/new/v2.0",
                  .api_key = text::secret{std::string_view{"hush"}}};
    made.bots["orders"] = {.project_id = project_id,
                           .environments = {{"prod",
                                             {.stable_endpoint = stable_id,
                                              .canary_endpoint = canary_id,
                                              .map_key = "orders",
                                              .stable_backend = "orders_stable",
                                              .canary_backend = "orders_canary"}}}};
    return made;
  }

  result<std::string> deploy() { return time.await(api.deploy(where, job, "k")); }
  result<canary::deployment> status() {
    return time.await(api.get_deployment(where, id, priority::change));
  }
  result<void> roll_back() {
    return time.await(api.rollback(where, id, "", {}, "k", priority::rollback, {}));
  }
  result<void> promote() { return time.await(api.promote(where, id, {}, "k")); }
  result<judge::sourced_sample> poll(std::optional<double> percent = 5.0) {
    return time
        .await(api.poll(where, {.deployment_id = id,
                                .canary_percent = percent,
                                .window = std::chrono::minutes{15},
                                .time = std::chrono::seconds{60}}))
        .outcome;
  }
  // As another process would find everything.
  void start_anew() {
    api.cancel();
    time.await(api.join());
    api_.reset();
    make_api();
  }

  endpoint& stable() { return project.endpoints.at(stable_id); }
  endpoint& canary() { return project.endpoints.at(canary_id); }
  basis_points share() const { return splits.shares.at("orders"); }
  std::size_t count(std::string_view method) const {
    return static_cast<std::size_t>(std::ranges::count(
        transport.requests, method, [](const auto& each) { return each.message.method; }));
  }
  void black_hole() {
    transport.reply_to = [](const net::request&) { return silence(); };
  }

  const std::string id = canary_id + ":" + new_snapshot;
  support::virtual_time time;
  scripted_transport transport;
  fake_cognigy project;
  fake_splitter splits;
  fake_reader reader;
  rate_budget budget{time.executor(),
                     {.requests = 60'000, .per = std::chrono::seconds{60}, .max_connections = 32}};
  target where{.base_url = "https://api-eu.cognigy.ai/new/v2.0",
               .bot_id = "orders",
               .environment_id = "prod",
               .version = "2.0"};
  job::job job;
  std::vector<std::string> oddities;

 private:
  cognigy_driver& make_api() {
    auto& made = api_.emplace(time.executor(), make_settings(), transport, budget, splits, reader);
    made.observe_oddities(
        [this](const target&, const std::string& text) { oddities.push_back(text); });
    return made;
  }
  std::optional<cognigy_driver> api_;

 protected:
  cognigy_driver& api = make_api();
};

}  // namespace canaryd::platform::cognigy
