#include "odata_tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace canaryd::metrics {
namespace {

std::optional<std::int64_t> read_rating(platform::json_answer& answer,
                                        const boost::json::object& record) {
  const auto rating = answer.number(record, "rating", -1.0, 1.0);
  if (!rating)
    return std::nullopt;
  if (*rating != -1.0 && *rating != 1.0) {
    answer.complain(fmt::format("rating is {}, allowed are -1, 1 and null", *rating));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*rating);
}

bool goes_on(const boost::json::object& record) {
  const auto* end = record.if_contains("endedAt");
  return end != nullptr && end->is_null();
}

measured share_of(std::int64_t part, std::size_t whole) {
  return rate_of(static_cast<double>(part), static_cast<double>(whole));
}

measured count_of(std::int64_t number) {
  return measurement{.value = static_cast<double>(number)};
}

}  // namespace

void session_tally::add(platform::json_answer& answer, const boost::json::object& record) {
  const auto id = answer.id(record, {"sessionId"});
  const auto rating = read_rating(answer, record);
  const auto handovers = answer.count(record, "handoverEscalations");
  if (answer.ok() && id.empty())
    answer.complain("a session has no sessionId");
  if (!answer.ok() || goes_on(record))
    return;
  auto& known = sessions_[id];
  if (rating)
    known.rating = std::min(*rating, known.rating.value_or(*rating));
  known.was_handed_over |= handovers.value_or(0) > 0;
}

measured session_tally::conversation_count() const {
  return count_of(static_cast<std::int64_t>(sessions_.size()));
}

measured session_tally::satisfaction_count() const {
  return count_of(std::ranges::count_if(
      sessions_, [](const auto& entry) { return entry.second.rating.has_value(); }));
}

measured session_tally::satisfaction() const {
  std::int64_t positive = 0;
  std::int64_t rated = 0;
  for (const auto& [id, session] : sessions_) {
    rated += session.rating ? 1 : 0;
    positive += session.rating == 1 ? 1 : 0;
  }
  if (rated == 0)
    return std::nullopt;
  const double score = 5.0 * static_cast<double>(positive) / static_cast<double>(rated);
  return measurement{.value = score, .count = rated};
}

measured session_tally::handover_rate() const {
  const auto handed_over = std::ranges::count_if(
      sessions_, [](const auto& entry) { return entry.second.was_handed_over; });
  return share_of(handed_over, sessions_.size());
}

void analytics_tally::add(platform::json_answer& answer, const boost::json::object& record) {
  const auto time = answer.number(record, "executionTime", 0.0, std::numeric_limits<double>::max());
  if (!answer.ok())
    return;
  ++records_;
  if (time)
    times_ms_.push_back(*time);
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const auto* told = record.if_contains(words_[i].field);
    const auto* word = told == nullptr ? nullptr : told->if_string();
    found_[i] += word != nullptr && *word == words_[i].word ? 1 : 0;
  }
}

measured analytics_tally::latency_ms() const {
  if (times_ms_.empty())
    return std::nullopt;
  const auto number = static_cast<double>(times_ms_.size());
  const double mean =
      std::accumulate(times_ms_.begin(), times_ms_.end(), 0.0,
                      [number](double sum, double time) { return sum + time / number; });
  return measurement{.value = mean, .count = static_cast<std::int64_t>(times_ms_.size())};
}

measured analytics_tally::slow_rate(double above_ms) const {
  const auto slow =
      std::ranges::count_if(times_ms_, [above_ms](double time) { return time > above_ms; });
  return share_of(slow, times_ms_.size());
}

measured analytics_tally::word_rate(std::size_t index) const {
  return share_of(found_[index], records_);
}

}  // namespace canaryd::metrics
