#include "traffic.hpp"

#include <algorithm>
#include <utility>

namespace canaryd::calibration {
namespace {

constexpr double best_score = 5.0;
constexpr double latency_ms = 320.0;

counts sum(const counts& before, const counts& more) {
  return {before.conversations + more.conversations, before.errors + more.errors,
          before.best_scores + more.best_scores};
}

}  // namespace

traffic::traffic(behaviour how, duration slot, std::uint64_t seed)
    : how_{std::move(how)}, slot_{slot}, chance_{seed} {}

void traffic::pass(double canary_percent) {
  const auto now = slot_ * static_cast<duration::rep>(canary_.size() - 1);
  const double stable_rate = how_.stable_error_rate(now);
  const double canary_rate = std::min(1.0, stable_rate * how_.error_ratio);
  const double share = canary_percent / 100.0;
  const double rate = how_.conversations_per_minute;
  canary_.push_back(sum(canary_.back(), draw(rate * share, canary_rate, how_.canary_score)));
  stable_.push_back(sum(stable_.back(), draw(rate * (1 - share), stable_rate, how_.stable_score)));
}

counts traffic::draw(double per_minute, double error_rate, double score) {
  using distribution = std::binomial_distribution<std::int64_t>;
  const double mean = per_minute * std::chrono::duration<double, std::ratio<60>>{slot_}.count();
  counts drawn;
  drawn.conversations = std::poisson_distribution<std::int64_t>{mean}(chance_);
  drawn.errors = distribution{drawn.conversations, error_rate}(chance_);
  drawn.best_scores = distribution{drawn.conversations, score / best_score}(chance_);
  return drawn;
}

judge::metrics_sample traffic::told(const std::vector<counts>& sums, duration window) const {
  const auto slots = static_cast<std::size_t>(window / slot_);
  const auto& begin = sums[sums.size() - 1 - std::min(slots, sums.size() - 1)];
  const auto conversations = sums.back().conversations - begin.conversations;
  judge::metrics_sample sample;
  sample.conversation_count = sample.satisfaction_count = conversations;
  if (conversations == 0)
    return sample;
  const auto n = static_cast<double>(conversations);
  sample.error_rate = static_cast<double>(sums.back().errors - begin.errors) / n;
  sample.satisfaction_score =
      best_score * static_cast<double>(sums.back().best_scores - begin.best_scores) / n;
  sample.avg_latency_ms = latency_ms;
  return sample;
}

}  // namespace canaryd::calibration
