// Answers questions about a canary in whatever phase it is.
#include "canary_turn.hpp"
#include <variant>

namespace canaryd::canary {
namespace {

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

canary_state state_of(const canary& current) {
  return std::visit(
      overloaded{[](const phases::queued&) { return canary_state::queued; },
                 [](const phases::deploying&) { return canary_state::deploying; },
                 [](const phases::watching& phase) {
                   if (!phase.stopped)
                     return canary_state::observing;
                   return phase.stopped->at_gate ? canary_state::waiting_approval
                                                 : canary_state::paused;
                 },
                 [](const phases::promoting&) { return canary_state::promoting; },
                 [](const phases::rolling_back&) { return canary_state::rolling_back; },
                 [](const phases::clearing_up&) { return canary_state::rolling_back; },
                 [](const phases::ended& phase) { return phase.how.as; }},
      current.phase);
}

std::optional<reason> why_of(const canary& current) {
  return std::visit(
      []<class Phase>(const Phase& phase) -> std::optional<reason> {
        if constexpr (requires { phase.how; })
          return phase.how.why;
        else if constexpr (requires { phase.why; })
          return phase.why;
        else
          return std::nullopt;
      },
      current.phase);
}

std::optional<bool> is_verified(const canary& current) {
  return std::visit(
      []<class Phase>(const Phase& phase) -> std::optional<bool> {
        if constexpr (requires { phase.how; })
          return phase.how.verified;
        else
          return std::nullopt;
      },
      current.phase);
}

bool is_final(const canary& current) {
  return std::holds_alternative<phases::ended>(current.phase);
}

bool is_holding(const canary& current) {
  return std::holds_alternative<phases::watching>(current.phase);
}

bool is_watched(const canary& current) {
  return is_holding(current) || std::holds_alternative<phases::promoting>(current.phase);
}

const standstill* standstill_of(const canary& current) {
  const auto* watching = std::get_if<phases::watching>(&current.phase);
  return watching != nullptr && watching->stopped ? &*watching->stopped : nullptr;
}

bool is_at_gate(const canary& current) {
  const auto* stopped = standstill_of(current);
  return stopped != nullptr && stopped->at_gate;
}

bool is_changing_traffic(const canary& current) {
  const auto* watching = std::get_if<phases::watching>(&current.phase);
  return watching != nullptr && watching->change.has_value();
}

bool has_no_traffic_left(const canary& current) {
  return std::visit(
      []<class Phase>(const Phase& phase) {
        if constexpr (requires { phase.traffic_removed; })
          return phase.traffic_removed;
        else
          return false;
      },
      current.phase);
}

duration left_of_hold(const canary& current, instant now) {
  const auto* stopped = standstill_of(current);
  return stopped != nullptr ? stopped->left : current.hold.ends - now;
}

}  // namespace canaryd::canary
