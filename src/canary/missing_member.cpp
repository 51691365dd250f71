#include "canaryd/canary/missing_member.hpp"

namespace canaryd::canary {
namespace {

bool is_set(instant time) {
  return time != instant{};
}

// What a watched canary lacks.
std::optional<std::string> missing_to_watch(const job::job& spec, const canary& stored) {
  const auto& hold = stored.hold;
  if (!is_set(hold.since))
    return "hold.since";
  if (!is_set(hold.ends))
    return "hold.ends";
  if (!is_set(hold.next_due))
    return "hold.next_due";
  const auto* watching = std::get_if<phases::watching>(&stored.phase);
  if (watching != nullptr && watching->stopped && !is_set(watching->stopped->since))
    return "hold.paused_since";
  if (is_sequential(spec) && !is_set(hold.counted_from))
    return "hold.counted_from";
  if (is_sequential(spec) && !stored.gathered)
    return "gathered";
  // The deploy has made a record, and the next record must not get the same number.
  if (stored.records_made == 0)
    return "records_made";
  if (stored.newest && total(stored.readings) == 0)
    return "readings";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> missing_member(const job::job& spec, const canary& stored) {
  if (stored.job_id.empty())
    return "job_id";
  if (stored.uid.empty())
    return "uid";
  const bool is_deployed =
      is_watched(stored) || std::holds_alternative<phases::rolling_back>(stored.phase);
  if (is_deployed && stored.deployment_id.empty())
    return "deployment_id";
  return is_watched(stored) ? missing_to_watch(spec, stored) : std::nullopt;
}

}  // namespace canaryd::canary
