// A client for tests of a world. It sends what a correct client sends, and moves the time.
#pragma once

#include "canaryd/sim/world.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>

namespace canaryd::sim {

using namespace std::chrono_literals;

inline std::string deploy_body(std::string_view bot = "bot_a",
                               std::string_view environment = "prod",
                               std::string_view version = "2.0", double canary = 5.0) {
  return fmt::format(
      R"({{"bot_id":"{}","environment_id":"{}","version":"{}",)"
      R"("traffic_matrix":{{"stable":{},"canary":{}}},)"
      R"("rollback_thresholds":{{"error_rate":0.05,"satisfaction_score":3.5,"max_latency_ms":2000}},)"
      R"("max_traffic_percentage":50,"enable_metric_aggregation":true}})",
      bot, environment, version, 100.0 - canary, canary);
}

inline std::string traffic_body(double canary) {
  return fmt::format(R"({{"traffic_matrix":{{"stable":{},"canary":{}}}}})", 100.0 - canary, canary);
}

inline std::string audit_body(std::string_view record_id, std::string_view bot = "bot_a",
                              std::string_view action = "canary_initiated") {
  return fmt::format(
      R"({{"timestamp":"2026-03-01T09:30:00.250Z","bot_id":"{}","action":"{}","status":"success",)"
      R"("metrics":{{}},"source":"canaryd/1","record_id":"{}","job_id":"j","reason":"passed"}})",
      bot, action, record_id);
}

inline std::string webhook_body(std::string_view name = "canary_completion_bot_a",
                                std::string_view url = "https://ci.example.com/hook") {
  return fmt::format(R"({{"name":"{}","url":"{}","events":["deployment.canary.completed"],)"
                     R"("secret":"hush","active":true}})",
                     name, url);
}

inline const char* const rollback_body = R"({"reason":"threshold_breach","metrics":{}})";
inline const char* const promote_body = R"({"metrics":{}})";

class client {
 public:
  explicit client(world_options options = {}, instant start = instant{1h})
      : played{std::move(options), start}, now{start} {}

  world played;
  instant now;
  std::string token;
  // The number of the next write's key. Each write counts it up.
  int key = 0;

  moment when() const {
    return {.now = now,
            .wall = wall_time{std::chrono::days{20'000}} +
                    std::chrono::floor<std::chrono::milliseconds>(now - played.start())};
  }
  void wait(duration time) { now += time; }

  net::request request(std::string method, std::string target, std::string body = {}) {
    net::request built;
    built.method = std::move(method);
    built.target = {.scheme = "https", .host = "sim", .port = 443, .target = std::move(target)};
    built.body = std::move(body);
    built.headers = {{"Accept", "application/json"}, {"User-Agent", "canaryd/1"}};
    built.headers.push_back({"Authorization", "Bearer " + token});
    if (built.method != "GET")
      built.headers.push_back({"Idempotency-Key", fmt::format("key-{}", ++key)});
    if (built.target.target.ends_with("/deploy")) {
      built.headers.push_back({"X-Deployment-Type", "canary"});
      built.headers.push_back({"X-Format-Verification", "strict"});
    }
    return built;
  }

  reply play(const net::request& message) { return played.handle(message, now, when().wall); }

  net::response answer(std::string method, std::string target, std::string body = {}) {
    return play(request(std::move(method), std::move(target), std::move(body))).answer;
  }

  net::response ask_token(std::string_view secret = "demo-secret",
                          std::string_view scope =
                              "bot:deploy metrics:read webhook:manage "
                              "audit:write") {
    return answer("POST", "/oauth/token",
                  fmt::format("grant_type=client_credentials&client_id=demo&client_secret={}"
                              "&scope={}",
                              secret, scope));
  }

  // Gives the client a token.
  client& log_in() {
    token = boost::json::parse(ask_token().body).at("access_token").get_string();
    return *this;
  }

  // Deploys and returns the id of the new deployment.
  std::string deploy(std::string_view version = "2.0", double canary = 5.0) {
    const auto found =
        answer("POST", "/api/v1/bots/bot_a/deploy", deploy_body("bot_a", "prod", version, canary));
    return std::string{boost::json::parse(found.body).at("deploymentId").get_string()};
  }

  net::response metrics(std::string_view window = "15m", std::string_view type = "canary",
                        std::string_view bot = "bot_a") {
    return answer("GET", fmt::format("/api/v1/metrics/conversations?botId={}&window={}"
                                     "&metricType={}",
                                     bot, window, type));
  }
  boost::json::object metrics_object(std::string_view window = "15m",
                                     std::string_view type = "canary") {
    return boost::json::parse(metrics(window, type).body).get_object();
  }
  std::int64_t conversations(std::string_view window = "15m", std::string_view type = "canary") {
    return metrics_object(window, type).at("conversation_count").get_int64();
  }
  double metric(std::string_view name, std::string_view window = "15m",
                std::string_view type = "canary") {
    return metrics_object(window, type).at(name).to_number<double>();
  }
};

}  // namespace canaryd::sim
