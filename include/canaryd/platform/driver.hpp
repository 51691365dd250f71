// The seam to where bots run: what the daemon asks of a platform, in the words of canaries
// (reference: "API calls"). A driver knows one kind of platform and how that is spoken to; nothing
// above this header does.
//
// Each call is one attempt, but for a poll: it waits its turn, sends, and says what the answer
// means. Whether to try again is the caller's decision. Errors are base/error.hpp's.
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
  // Metrics wanted beside those of every answer, as they are named there.
  std::vector<std::string> further = {};
  // Whole units of terms::window_unit.
  duration window{};
  // Where present, `window` says nothing: each request asks for the whole units from then until it
  // goes out, and waits for the end of one where it would be late (job/whole_units.hpp).
  std::optional<instant> counted_from = std::nullopt;
  // How long the poll may take from when its first request has gone out over a connection. What
  // it waits before, for a token's turn, for the rate budget, for a connection or for the
  // processor, is lateness and no error.
  duration time{};
  // How long a single request may take, where that is less. The first one may in any case take as
  // long as answers have taken lately (platform/answer_times.hpp).
  duration request_time = duration::max();
  // Called when the poll's first request goes out.
  std::function<void()> on_sent = {};
};

struct poll_answer {
  result<judge::sourced_sample> outcome;
  // The window that was asked for: by the request that the sample came from, by the primary's where
  // it came from both, and by the last one where the poll failed.
  duration window{};
  // When that request went out; the poll's first one where it failed, or when it began where
  // nothing could be sent.
  instant asked_at;
};

// What a platform can do beside what every platform can.
struct capabilities {
  // list_webhooks() and register_webhook().
  bool registers_webhooks = false;
  // audit().
  bool takes_audit_records = false;
  // A deployment that was promoted can be taken back.
  bool can_revert = false;
  // Its calls carry an access token, so that nothing can be done without one.
  bool needs_token = false;
  // version_is_listed() looks; elsewhere every version counts as listed.
  bool lists_versions = false;
  // Metrics are of a bot in one environment, and not of a bot in all of them.
  bool metrics_by_environment = false;
};

// How a platform wants to be asked.
struct terms {
  // What the windows of metrics are counted in: whole seconds or whole minutes.
  duration window_unit = std::chrono::minutes{1};
  // The longest that one request may take.
  duration request_timeout = std::chrono::seconds{30};
};

class driver {
 public:
  virtual ~driver() = default;

  // Both may change when the configuration is reloaded.
  virtual capabilities can() const = 0;
  virtual platform::terms terms() const = 0;

  // Deployments of the target's bot and environment, as the platform lists them: all of them, or an
  // error.
  virtual async::task<result<canary::deployment_list>> find_deployments(const target& where,
                                                                        priority rank) = 0;
  virtual async::task<result<canary::deployment>> get_deployment(const target& where,
                                                                 std::string id, priority rank) = 0;

  virtual async::task<result<bool>> version_is_listed(const target& where) = 0;

  // The deployment's id, empty where it was made and the answer had none. `key` is stable over
  // repeats of the same intended action, here and below: a platform that knows it does it once.
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
  // The same. `secret` is sent and never shown. One that is there already is a refusal with status
  // 409.
  virtual async::task<result<void>> register_webhook(const target& where, webhook hook,
                                                     std::string secret, std::string key) = 0;

  // Requires capabilities::takes_audit_records.
  virtual async::task<result<void>> audit(const target& where, canary::audit_record record) = 0;

  // One poll of one arm, with all its attempts, within the query's time. A time in which this
  // process stood still does not count.
  virtual async::task<poll_answer> poll(const target& where, metrics_query query) = 0;
  // What an answer to a poll takes on average; zero before the first.
  virtual duration typical_poll() const = 0;
};

}  // namespace canaryd::platform
