// The whole simulated Cognigy API: the API, the faults that strike it, and what it saw. It is pure:
// it opens no socket and reads no clock. A request takes a few microseconds.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/sim/api.hpp"
#include "canaryd/sim/fault.hpp"
#include "canaryd/sim/reply.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::sim {

struct request_limit {
  std::size_t requests = 1000;
  duration per = std::chrono::minutes{5};
  // If true, requests over the limit are answered with 429 and Retry-After.
  bool enforce = false;
};

struct world_options {
  api_options api;
  std::vector<fault> faults;
  // More requests than this in any window of this length are a violation.
  std::optional<request_limit> limit;
  // The delay of every answer.
  duration answer_delay{};
  // The number of newest requests that are kept for world::requests().
  std::size_t requests_kept = 10'000;
};

struct logged_request {
  instant at;
  call what = call::unknown;
  std::string bot_id;
  std::string deployment_id;
  // The status of the answer, even if it was lost; 0 if nothing was processed.
  int status = 0;
  outcome ended = outcome::answered;
  bool struck_by_fault = false;
  std::string idempotency_key;
};

class world {
 public:
  // Faults and conversations count from `start`.
  world(world_options options, instant start);

  // Plays one request. `reused` says that its connection has carried another one before. `now` must
  // never go back.
  reply handle(const net::request& message, instant now, wall_time wall, bool reused = false);

  void add_fault(fault added) { faults_.add(std::move(added)); }
  void clear_faults() { faults_.clear(); }
  void revoke_tokens() { api_.revoke_tokens(); }

  // These do what somebody else does at Cognigy's console. The first deploys and returns the new
  // id. The others fail with fault::refused if the deployment is unknown or in the other final
  // state.
  std::string external_deploy(std::string bot_id, std::string environment_id, std::string version,
                              double canary_percent, moment when);
  result<void> external_promote(std::string_view deployment_id, moment when);
  result<void> external_rollback(std::string_view deployment_id, moment when);

  instant start() const { return start_; }
  const std::deque<deployment_record>& deployments() const { return api_.deployments().all(); }
  const std::deque<stored_audit>& audits() const { return api_.audits(); }
  const std::vector<stored_webhook>& webhooks() const { return api_.webhooks(); }
  // The newest requests, the oldest of them first.
  const std::deque<logged_request>& requests() const { return requests_; }
  // The number of requests for that call so far, whatever happened to them.
  std::uint64_t count(call what) const { return counts_.at(static_cast<std::size_t>(what)); }
  const std::vector<violation>& violations() const { return api_.events().violations(); }
  std::uint64_t violation_count() const { return api_.events().violation_count(); }
  // Takes the new lines for a person who watches: deploys, traffic changes, rollbacks, promotes,
  // audit records, webhooks, faults and violations.
  std::vector<std::string> take_notes() { return api_.events().take_notes(); }

 private:
  reply play(const asked_call& asked);
  result<void> conclude_externally(std::string_view deployment_id, deployment_status wanted,
                                   std::string_view cause, moment when);
  // Returns false if the request is over the limit.
  bool within_limit(moment when);
  void check_headers(const asked_call& asked);
  void log(const asked_call& asked, const reply& result);

  world_options options_;
  instant start_;
  api api_;
  fault_plan faults_;
  std::array<std::uint64_t, call_count> counts_{};
  std::deque<instant> recent_;
  std::deque<logged_request> requests_;
};

}  // namespace canaryd::sim
