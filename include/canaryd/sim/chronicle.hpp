// Records what the simulated API notices: lines for a person who watches it, and violations, which
// are requests that a correct client never makes.
#pragma once

#include "canaryd/sim/moment.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace canaryd::sim {

enum class violation_kind : std::uint8_t {
  // A deploy while another deployment of the same bot and environment is live.
  second_live_deployment,
  // More traffic for a canary than its deploy set as the maximum.
  share_over_maximum,
  // A token that is used long after a request with it was answered with 401.
  stale_token,
  // A write without Idempotency-Key, and a key that is used for two different actions.
  missing_idempotency_key,
  reused_idempotency_key,
  // A missing or wrong Accept, User-Agent, X-Deployment-Type or X-Format-Verification.
  missing_header,
  // More requests in a window than the limit allows.
  rate_exceeded,
  // A record_id that arrived earlier with another body.
  changed_audit_record,
};

std::string_view to_string(violation_kind kind);

struct violation {
  violation_kind kind = violation_kind::missing_header;
  std::string text;
  instant at;
};

class chronicle {
 public:
  // Keeps the first thousand and counts all.
  void note_violation(violation_kind kind, std::string text, moment when);
  const std::vector<violation>& violations() const { return violations_; }
  std::uint64_t violation_count() const { return violation_count_; }

  // Makes the line printable. Keeps a thousand lines until they are taken, and drops further ones.
  void note(std::string_view line);
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

 private:
  std::vector<violation> violations_;
  std::uint64_t violation_count_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace canaryd::sim
