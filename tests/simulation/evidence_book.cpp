#include "evidence_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace canaryd::simulation {

void evidence_book::note(std::int32_t step, const store::numbered_reading& made) {
  const auto& taken = made.taken;
  const auto error_rate =
      std::ranges::find(taken.metrics, "error_rate", &judge::judged_metric::name);
  if (error_rate == taken.metrics.end() || !error_rate->value || !taken.conversations)
    return;
  const auto conversations = *taken.conversations;
  const auto errors = std::llround(*error_rate->value * static_cast<double>(conversations));
  lines_.push_back({made.number, step, conversations, errors});
}

void evidence_book::forget_after(std::int64_t number) {
  std::erase_if(lines_, [number](const line& each) { return each.number > number; });
}

std::optional<std::string> evidence_book::problem_with(const canary::canary& stored) const {
  if (!stored.gathered)
    return std::nullopt;
  std::int64_t conversations = 0;
  std::int64_t errors = 0;
  line share;
  for (const auto& each : lines_) {
    if (each.step != share.step)
      share = {.step = each.step};
    // An answer with smaller counts than the one before adds nothing.
    if (each.conversations < share.conversations || each.errors < share.errors)
      continue;
    conversations += each.conversations - share.conversations;
    errors += each.errors - share.errors;
    share = each;
  }
  const auto& total = stored.gathered->total;
  // Every score is from 0 to 5 and belongs to one conversation, however many answers report it.
  const double rounding = 1e-6 * static_cast<double>(total.rated);
  // An answer may have scores but no conversations, which the next one then counts.
  const bool tells_conversations = stored.newest && stored.newest->conversations;
  const bool are_too_many = tells_conversations && total.rated > total.conversations;
  if (total.rated < 0 || are_too_many || total.dissatisfaction < -rounding ||
      total.dissatisfaction > static_cast<double>(total.rated) + rounding)
    return fmt::format("has gathered {} scores with {} against it in {} conversations", total.rated,
                       total.dissatisfaction, total.conversations);
  if (total.trials == conversations && total.errors == errors)
    return std::nullopt;
  return fmt::format("has gathered {} errors in {} conversations, its readings tell of {} in {}",
                     total.errors, total.trials, errors, conversations);
}

}  // namespace canaryd::simulation
