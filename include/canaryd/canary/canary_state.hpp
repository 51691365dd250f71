// The words of the contract for where a canary is and why (reference: "States and reasons").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace canaryd::canary {

enum class canary_state : std::uint8_t {
  queued,
  deploying,
  observing,
  // As observing, but the hold's clock stands still.
  paused,
  // As paused, until an operator approves the next step or the promote.
  waiting_approval,
  promoting,
  rolling_back,
  promoted_to_stable,
  rolled_back,
  failed,
};

inline constexpr std::size_t state_count = static_cast<std::size_t>(canary_state::failed) + 1;

// Why a canary ended, or is being ended, as it is.
enum class reason : std::uint8_t {
  passed,
  proven_early,
  inconclusive,
  operator_promote,
  operator_abort,
  gate_timeout,
  external_change,
  threshold_breach,
  hard_limit,
  provider_unavailable,
  step_refused,
  promote_refused,
  deploy_refused,
};

std::string_view to_string(canary_state state);
std::string_view to_string(reason why);
// Nothing of the canary runs any more, and nothing is left to do.
bool is_final(canary_state state);

}  // namespace canaryd::canary
