// The simulated Cognigy API as a whole: the API, the faults that strike it, and what it saw. Pure:
// it opens no socket and reads no clock. A request costs a few microseconds.
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
  // True: requests over it are answered 429, with Retry-After.
  bool enforce = false;
};

struct world_options {
  api_options api;
  std::vector<fault> faults;
  // More requests than that in any window of that length are a violation.
  std::optional<request_limit> limit;
  // Of every answer.
  duration answer_delay{};
  // How many of the newest requests are kept for world::requests().
  std::size_t requests_kept = 10'000;
};

struct logged_request {
  instant at;
  call what = call::unknown;
  std::string bot_id;
  std::string deployment_id;
  // Of the answer, also where it was lost on its way; 0 where nothing was processed.
  int status = 0;
  outcome fate = outcome::answered;
  bool struck_by_fault = false;
  std::string idempotency_key;
};

class world {
 public:
  // `start` is the time from which faults and conversations count.
  world(world_options options, instant start);

  // Plays one request, `reused` where its connection has carried another one before. `now` never
  // goes back.
  reply handle(const net::request& message, instant now, wall_time wall, bool reused = false);

  void add_fault(fault added) { faults_.add(std::move(added)); }
  void clear_faults() { faults_.clear(); }
  void revoke_tokens() { api_.revoke_tokens(); }

  // What somebody else does at Cognigy's console. The first deploys and returns the new id; the
  // others fail (fault::refused) where the deployment is not known or in the other terminal state.
  std::string external_deploy(std::string bot_id, std::string environment_id, std::string version,
                              double canary_percent, moment when);
  result<void> external_promote(std::string_view deployment_id, moment when);
  result<void> external_rollback(std::string_view deployment_id, moment when);

  instant start() const { return start_; }
  const std::deque<deployment_record>& deployments() const { return api_.deployments().all(); }
  const std::deque<stored_audit>& audits() const { return api_.audits(); }
  const std::vector<stored_webhook>& webhooks() const { return api_.webhooks(); }
  // The newest, oldest first.
  const std::deque<logged_request>& requests() const { return requests_; }
  // Requests of that call so far, whatever became of them.
  std::uint64_t count(call what) const { return counts_.at(static_cast<std::size_t>(what)); }
  const std::vector<violation>& violations() const { return api_.events().violations(); }
  std::uint64_t violation_count() const { return api_.events().violation_count(); }
  // Lines for a person who watches, since the last take: deploys, traffic changes, rollbacks,
  // promotes, audit records, webhooks, faults, violations.
  std::vector<std::string> take_notes() { return api_.events().take_notes(); }

 private:
  reply play(const asked_call& asked);
  result<void> conclude_externally(std::string_view deployment_id, deployment_status wanted,
                                   std::string_view cause, moment when);
  // False where the request is over the limit.
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
