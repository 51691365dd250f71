#include "canaryd/sim/chronicle.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

namespace canaryd::sim {
namespace {

constexpr std::size_t most_kept = 1000;
constexpr std::size_t most_characters = 500;

}  // namespace

std::string_view to_string(violation_kind kind) {
  switch (kind) {
    case violation_kind::second_live_deployment:
      return "second_live_deployment";
    case violation_kind::share_over_maximum:
      return "share_over_maximum";
    case violation_kind::stale_token:
      return "stale_token";
    case violation_kind::missing_idempotency_key:
      return "missing_idempotency_key";
    case violation_kind::reused_idempotency_key:
      return "reused_idempotency_key";
    case violation_kind::missing_header:
      return "missing_header";
    case violation_kind::rate_exceeded:
      return "rate_exceeded";
    case violation_kind::changed_audit_record:
      return "changed_audit_record";
  }
  return "";
}

void chronicle::note_violation(violation_kind kind, std::string text, moment when) {
  ++violation_count_;
  note(fmt::format("violation    {}: {}", to_string(kind), text));
  if (violations_.size() < most_kept)
    violations_.push_back({.kind = kind, .text = std::move(text), .at = when.now});
}

void chronicle::note(std::string_view line) {
  if (notes_.size() < most_kept)
    notes_.push_back(text::printable_excerpt(line, most_characters));
}

}  // namespace canaryd::sim
