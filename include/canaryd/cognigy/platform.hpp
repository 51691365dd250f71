// Cognigy's calls, one attempt each: build the request, wait for token and budget, send, and say
// what the answer means (SPEC section 2). Whether to try again is the caller's decision.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "canaryd/async/task.hpp"
#include "canaryd/cognigy/calls.hpp"
#include "canaryd/cognigy/priority.hpp"
#include "canaryd/cognigy/rate_budget.hpp"
#include "canaryd/cognigy/token_source.hpp"
#include "canaryd/core/audit.hpp"
#include "canaryd/core/deployment.hpp"
#include "canaryd/core/error.hpp"
#include "canaryd/core/job.hpp"
#include "canaryd/core/metrics.hpp"
#include "canaryd/net/transport.hpp"

namespace canaryd::cognigy {

// Which bot's deployment a call is about, and where it lives.
struct target {
  std::string base_url;
  std::string bot_id;
  std::string environment_id;
  std::string version;
};

struct metrics_query {
  // Whole units of options.window_unit.
  core::duration window{};
  // When the poll fell due, and when the next one does. The poll ends at `next_due`, later by as
  // much as the rate budget kept its first attempt waiting: that wait is lateness, not an error.
  core::instant due;
  core::instant next_due;
};

struct webhook {
  std::string name;
  std::string url;
  std::vector<std::string> events;
};

struct platform_options {
  call_table calls;
  std::vector<std::string> scopes;
  // "m" or "s": the unit in which a window is asked for.
  char window_unit = 'm';
  // Empty: none.
  std::string fallback_metrics_url;
  core::duration request_timeout = std::chrono::seconds{30};
};

class platform {
 public:
  platform(async::executor ex, platform_options options, net::transport& transport,
           token_source& tokens, rate_budget& budget, std::function<double()> random);

  // Takes new options for all calls that start from now on.
  void reconfigure(platform_options options);
  const platform_options& options() const { return options_; }

  // Deployments of the target's bot and environment, as the API lists them.
  async::task<core::result<core::deployment_list>> find_deployments(const target& where,
                                                                    priority rank);
  async::task<core::result<core::deployment>> get_deployment(const target& where, std::string id,
                                                             priority rank);

  // True where the version is listed, or where the call is not configured.
  async::task<core::result<bool>> version_is_listed(const target& where);

  // The deployment's id, empty where a 2xx answer had none. `webhook_url` and the rest of the body
  // come from `job`. `key` is the Idempotency-Key, here and below.
  async::task<core::result<std::string>> deploy(const target& where, const core::job& job,
                                                std::string key);
  async::task<core::result<void>> change_traffic(const target& where, std::string id,
                                                 double canary_percent, std::string key,
                                                 priority rank);
  async::task<core::result<void>> rollback(const target& where, std::string id, std::string reason,
                                           core::metrics_sample metrics, std::string key,
                                           priority rank);
  async::task<core::result<void>> promote(const target& where, std::string id,
                                          core::metrics_sample metrics, std::string key);

  async::task<core::result<std::vector<webhook>>> list_webhooks(const target& where);
  // `secret` is sent and never shown. A 409 is a refusal with status 409.
  async::task<core::result<void>> register_webhook(const target& where, webhook hook,
                                                   std::string secret, std::string key);

  async::task<core::result<void>> audit(const target& where, core::audit_record record);

  // One poll of the canary arm: at most three attempts within the query's time, each followed by the
  // fallback where one is configured. A refusal, a missing token and a second 401 end it at once.
  async::task<core::result<core::sourced_sample>> poll(const target& where, metrics_query query);
};

}  // namespace canaryd::cognigy
