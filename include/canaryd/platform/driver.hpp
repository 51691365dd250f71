// What the daemon asks of a platform, where bots run, in the words of canaries (reference: "API
// calls"). A driver knows one kind of platform and its API. Nothing above this header does.
//
// Each call except poll() is one attempt: it waits its turn, sends, and says what the answer means.
// The caller decides whether to try again. Errors are those of base/error.hpp.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/canary/audit.hpp"
#include "canaryd/canary/deployment.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/metrics.hpp"
#include "canaryd/platform/budget/priority.hpp"
#include "canaryd/platform/webhook.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::platform {

// Which bot's deployment a call is about, and where it lives.
struct target {
  std::string base_url;
  std::string bot_id;
  std::string environment_id;
  std::string version;
};

// The two versions that the traffic is divided between.
enum class arm : std::uint8_t { canary, stable };

struct metrics_query {
  arm of = arm::canary;
  // The deployment that is watched. If set, and the platform can tell, a poll fails where the
  // canary is no longer what was deployed.
  std::string deployment_id = {};
  // The canary's share in percent, as the job wants it at present. If set, a platform whose share
  // can be lost compares it, and sets it again where it was lost.
  std::optional<double> canary_percent = std::nullopt;
  // Further metrics to read, besides the built-in ones, by their names in the answer.
  std::vector<std::string> further = {};
  // Whole units of terms::window_unit.
  duration window{};
  // If set, it replaces `window`: each request asks for the whole units from then until it goes
  // out. A request that would be late waits for the end of the next unit (job/whole_units.hpp).
  std::optional<instant> counted_from = std::nullopt;
  // How long the poll may take, from when its first request goes out over a connection. Waiting
  // before that, for a token, the rate budget, a connection or the processor, is lateness and not
  // an error.
  duration time{};
  // How long a single request may take, if that is less. The first one may always take as long as
  // recent answers have taken (platform/answer_times.hpp).
  duration request_time = duration::max();
  // Called when the poll's first request goes out.
  std::function<void()> on_sent = {};
};

struct poll_answer {
  result<judge::sourced_sample> outcome;
  // The window that was asked for by the request that the sample came from. If the sample came from
  // both servers, it is the API's request; if the poll failed, it is the last one.
  duration window{};
  // When that request went out. If the poll failed, it is when the first request went out, or when
  // the poll began if nothing was sent.
  instant asked_at;
};

// What a platform can do besides what every platform can do.
struct capabilities {
  // list_webhooks() and register_webhook().
  bool registers_webhooks = false;
  // audit().
  bool takes_audit_records = false;
  // It can take back a deployment that was promoted.
  bool can_revert = false;
  // Its calls need an access token.
  bool needs_token = false;
  // version_is_listed() asks the platform. Otherwise every version counts as listed.
  bool lists_versions = false;
  // It measures a bot in one environment, not in all environments together.
  bool metrics_by_environment = false;
};

// How a platform wants to be asked.
struct terms {
  // The unit of the windows of metrics: a second or a minute.
  duration window_unit = std::chrono::minutes{1};
  // The longest time that one request may take.
  duration request_timeout = std::chrono::seconds{30};
};

class driver {
 public:
  virtual ~driver() = default;

  // Both may change when the configuration is reloaded.
  virtual capabilities can() const = 0;
  virtual platform::terms terms() const = 0;

  // Asks the platform for what canaries will need of it and what can be found out without changing
  // anything there, such as an access token. Fails with what is wrong.
  virtual async::task<result<void>> check() = 0;

  // Returns all deployments of the target's bot and environment, or fails.
  virtual async::task<result<canary::deployment_list>> find_deployments(const target& where,
                                                                        priority rank) = 0;
  virtual async::task<result<canary::deployment>> get_deployment(const target& where,
                                                                 std::string id, priority rank) = 0;

  virtual async::task<result<bool>> version_is_listed(const target& where) = 0;

  // Returns the deployment's id, which is empty if the answer had none. Here and below, `key` is
  // the same for every repeat of one intended action, so that a platform can do it once.
  virtual async::task<result<std::string>> deploy(const target& where, const job::job& job,
                                                  std::string key) = 0;
  virtual async::task<result<void>> change_traffic(const target& where, std::string id,
                                                   double canary_percent, std::string key,
                                                   priority rank) = 0;
  // `on_sent` is called when its first request goes out.
  virtual async::task<result<void>> rollback(const target& where, std::string id,
                                             std::string reason, judge::metrics_sample metrics,
                                             std::string key, priority rank,
                                             std::function<void()> on_sent) = 0;
  virtual async::task<result<void>> promote(const target& where, std::string id,
                                            judge::metrics_sample metrics, std::string key) = 0;

  // Requires capabilities::registers_webhooks.
  virtual async::task<result<std::vector<webhook>>> list_webhooks(const target& where) = 0;
  // Requires the same. `secret` is sent and never shown. Fails as refused, with status 409, if the
  // webhook exists already.
  virtual async::task<result<void>> register_webhook(const target& where, webhook hook,
                                                     std::string secret, std::string key) = 0;

  // Requires capabilities::takes_audit_records.
  virtual async::task<result<void>> audit(const target& where, canary::audit_record record) = 0;

  // Polls one arm, with all attempts, within the query's time. Time in which this process stood
  // still does not count.
  virtual async::task<poll_answer> poll(const target& where, metrics_query query) = 0;
  // The average time of an answer to a poll. Zero before the first.
  virtual duration typical_poll() const = 0;
};

}  // namespace canaryd::platform
