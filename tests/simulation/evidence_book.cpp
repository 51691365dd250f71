#include "evidence_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace canaryd::simulation {

void evidence_book::note(const store::numbered_reading& made) {
  const auto& taken = made.taken;
  const bool is_new = made.number > last_number_;
  last_number_ = made.number;
  const auto error_rate =
      std::ranges::find(taken.metrics, "error_rate", &core::judged_metric::name);
  if (error_rate == taken.metrics.end() || !error_rate->value || !taken.conversations)
    return;
  // The windows of one share begin where it was set, so they only grow.
  if (shares_.empty() || (is_new && taken.window <= shares_.back().window))
    shares_.emplace_back();
  auto& newest = shares_.back();
  const auto errors = std::llround(*error_rate->value * static_cast<double>(*taken.conversations));
  newest.window = taken.window;
  newest.conversations = std::max(newest.conversations, *taken.conversations);
  newest.errors = std::max<std::int64_t>(newest.errors, errors);
}

std::optional<std::string> evidence_book::problem_with(const core::canary& stored) const {
  if (!stored.gathered)
    return std::nullopt;
  std::int64_t conversations = 0;
  std::int64_t errors = 0;
  for (const auto& each : shares_) {
    conversations += each.conversations;
    errors += each.errors;
  }
  const auto& total = stored.gathered->total;
  if (total.conversations == conversations && total.errors == errors)
    return std::nullopt;
  return fmt::format("has gathered {} errors in {} conversations, its readings tell of {} in {}",
                     total.errors, total.conversations, errors, conversations);
}

}  // namespace canaryd::simulation
