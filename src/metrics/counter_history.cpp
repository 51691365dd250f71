#include "counter_history.hpp"

#include <algorithm>
#include <utility>

namespace canaryd::metrics {
namespace {

// Enough to begin a window of a day within five minutes of where it should.
constexpr std::size_t most_readings = 600;

}  // namespace

std::optional<counted_requests> counted_between(const platform::backend_counters& begin,
                                                const platform::backend_counters& end) {
  if (begin.start != end.start || end.requests < begin.requests ||
      end.answers_5xx < begin.answers_5xx || end.sessions < begin.sessions)
    return std::nullopt;
  return counted_requests{.requests = end.requests - begin.requests,
                          .answers_5xx = end.answers_5xx - begin.answers_5xx};
}

measured error_rate_of(const std::optional<counted_requests>& counted) {
  if (!counted || counted->requests == 0)
    return std::nullopt;
  const auto failed = std::min(counted->answers_5xx, counted->requests);
  return rate_of(static_cast<double>(failed), static_cast<double>(counted->requests));
}

void counter_history::add(instant at, platform::backend_counters counters) {
  readings_.push_back({.at = at, .counters = std::move(counters)});
  if (readings_.size() <= most_readings)
    return;
  // Every second one stays, so that old readings get sparser; the newest always does.
  std::vector<reading_at> kept;
  for (std::size_t i = 0; i + 1 < readings_.size(); i += 2)
    kept.push_back(std::move(readings_[i]));
  kept.push_back(std::move(readings_.back()));
  readings_ = std::move(kept);
}

std::optional<counted_requests> counter_history::counted_since(instant from) {
  const auto begin = std::ranges::find_if(
      readings_, [from](const reading_at& reading) { return reading.at >= from; });
  if (begin == readings_.end() || begin + 1 == readings_.end())
    return std::nullopt;
  for (auto next = begin; next + 1 != readings_.end(); ++next) {
    if (counted_between(next->counters, (next + 1)->counters))
      continue;
    readings_.erase(readings_.begin(), readings_.end() - 1);
    return std::nullopt;
  }
  return counted_between(begin->counters, readings_.back().counters);
}

}  // namespace canaryd::metrics
