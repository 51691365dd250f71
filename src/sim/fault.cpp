#include "canaryd/sim/fault.hpp"

#include "canaryd/sim/conversations.hpp"

#include <algorithm>
#include <array>

namespace canaryd::sim {
namespace {

constexpr std::array<std::string_view, 25> fault_names{
    "unauthorized",
    "rate_limited",
    "status",
    "lost_on_reuse",
    "lost_before",
    "lost_after",
    "status_after",
    "slow",
    "html",
    "truncated_json",
    "cut_body",
    "oversize",
    "no_id",
    "byte_order_mark",
    "coded",
    "odd_expiry",
    "not_a_number",
    "infinite",
    "negative",
    "out_of_range",
    "text_for_number",
    "duplicate_key",
    "missing_metric",
    "null_metric",
    "late_metrics",
};

bool fits(const fault& what, call asked, std::string_view bot, duration since_start, bool reused) {
  return (reused || what.kind != fault_kind::lost_on_reuse) && since_start >= what.from &&
         since_start < what.until && (what.bot.empty() || what.bot == bot) &&
         (what.calls.empty() || std::ranges::find(what.calls, asked) != what.calls.end());
}

}  // namespace

std::string_view to_string(fault_kind kind) {
  return fault_names.at(static_cast<std::size_t>(kind));
}

std::optional<fault_kind> fault_kind_named(std::string_view name) {
  const auto place = std::ranges::find(fault_names, name);
  if (place == fault_names.end())
    return std::nullopt;
  return static_cast<fault_kind>(place - fault_names.begin());
}

bool comes_before_processing(fault_kind kind) {
  return kind <= fault_kind::lost_before;
}

void fault_plan::add(fault added) {
  rules_.push_back({.what = std::move(added)});
}

std::vector<const fault*> fault_plan::strike(call what, std::string_view bot, duration since_start,
                                             bool reused) {
  std::vector<const fault*> striking;
  for (std::size_t place = 0; place < rules_.size(); ++place) {
    auto& rule = rules_[place];
    if (rule.struck >= rule.what.count || !fits(rule.what, what, bot, since_start, reused))
      continue;
    const auto draw = mix(mix(seed_, place), rule.fitted++);
    if (static_cast<double>(draw >> 11U) * 0x1p-53 >= rule.what.rate)
      continue;
    ++rule.struck;
    striking.push_back(&rule.what);
    if (comes_before_processing(rule.what.kind))
      break;
  }
  return striking;
}

}  // namespace canaryd::sim
