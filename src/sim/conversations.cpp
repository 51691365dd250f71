#include "canaryd/sim/conversations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace canaryd::sim {
namespace {

constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15U;

std::uint64_t scramble(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

// splitmix64 as a UniformRandomBitGenerator. Seeding is free, so every second has its own
// generator.
class random_bits {
 public:
  using result_type = std::uint64_t;
  explicit random_bits(std::uint64_t seed) : state_{seed} {}
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return scramble(state_ += golden_gamma); }

 private:
  std::uint64_t state_;
};

double uniform(random_bits& bits) {
  return static_cast<double>(bits() >> 11U) * 0x1p-53;
}

// The scaled sum of four uniform numbers, which is close enough to a standard normal for a score or
// a latency. It stays within +-3.5.
double bell(random_bits& bits) {
  const auto word = bits();
  const auto sum =
      (word & 0xffffU) + ((word >> 16U) & 0xffffU) + ((word >> 32U) & 0xffffU) + (word >> 48U);
  return (static_cast<double>(sum) / 65536.0 - 2.0) * 1.7320508075688772;
}

std::int64_t poisson(double mean, random_bits& bits) {
  if (mean <= 0.0)
    return 0;
  if (mean > 12.0)
    return std::poisson_distribution<std::int64_t>{mean}(bits);
  const double limit = std::exp(-mean);
  std::int64_t count = 0;
  double product = uniform(bits);
  while (product > limit) {
    product *= uniform(bits);
    ++count;
  }
  return count;
}

std::int64_t binomial(std::int64_t count, double probability, random_bits& bits) {
  if (probability <= 0.0)
    return 0;
  if (probability >= 1.0)
    return count;
  if (count > 32)
    return std::binomial_distribution<std::int64_t>{count, probability}(bits);
  std::int64_t hits = 0;
  for (std::int64_t i = 0; i < count; ++i)
    hits += uniform(bits) < probability ? 1 : 0;
  return hits;
}

// The sum of `count` draws. If there are more than 64, the first 64 stand for all of them.
template <class Draw>
std::int64_t sum_of(std::int64_t count, Draw one) {
  constexpr std::int64_t most = 64;
  const auto drawn = std::min(count, most);
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < drawn; ++i)
    sum += one();
  return count > drawn ? sum * count / drawn : sum;
}

std::int64_t floor_seconds(duration time) {
  return std::chrono::floor<std::chrono::seconds>(time).count();
}

}  // namespace

std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  return scramble(scramble(left + golden_gamma) ^ (right * golden_gamma));
}

conversation_totals& conversation_totals::operator+=(const conversation_totals& other) {
  conversations += other.conversations;
  errors += other.errors;
  rated += other.rated;
  score_thousandths += other.score_thousandths;
  latency_us += other.latency_us;
  escalations += other.escalations;
  return *this;
}

conversation_totals& conversation_totals::operator-=(const conversation_totals& other) {
  conversations -= other.conversations;
  errors -= other.errors;
  rated -= other.rated;
  score_thousandths -= other.score_thousandths;
  latency_us -= other.latency_us;
  escalations -= other.escalations;
  return *this;
}

conversation_stream::conversation_stream(const profile& what, double per_second, std::uint64_t key,
                                         duration from, duration until)
    : what_{what}, per_second_{per_second}, key_{key}, from_{from}, until_{until} {}

void conversation_stream::end(duration at) {
  if (at >= until_)
    return;
  until_ = std::max(at, from_);
  known_ = {};
  known_totals_ = {};
}

conversation_totals conversation_stream::between(std::int64_t first, std::int64_t last) {
  const auto asked = clip({first, last});
  const bool moves_on =
      asked.first >= known_.first && asked.last >= known_.last && asked.first < known_.last;
  const bool cheaper =
      (asked.first - known_.first) + (asked.last - known_.last) < asked.last - asked.first;
  if (moves_on && cheaper) {
    known_totals_ -= sum({known_.first, asked.first});
    known_totals_ += sum({known_.last, asked.last});
  } else {
    known_totals_ = sum(asked);
  }
  known_ = asked;
  return known_totals_;
}

conversation_stream::range conversation_stream::clip(range asked) const {
  const auto first = std::max(asked.first, floor_seconds(from_));
  const auto last =
      until_ == duration::max() ? asked.last : std::min(asked.last, floor_seconds(until_) + 1);
  return {first, std::max(first, last)};
}

conversation_totals conversation_stream::sum(range seconds) const {
  conversation_totals totals;
  for (auto second = seconds.first; second < seconds.last; ++second)
    totals += draw(second);
  return totals;
}

conversation_totals conversation_stream::draw(std::int64_t second) const {
  random_bits bits{mix(key_, static_cast<std::uint64_t>(second))};
  conversation_totals drawn;
  drawn.conversations = poisson(per_second_ * overlap(second), bits);
  if (drawn.conversations == 0)
    return drawn;
  drawn.errors = binomial(drawn.conversations, what_.error_rate, bits);
  drawn.rated = binomial(drawn.conversations, what_.rated, bits);
  drawn.score_thousandths = sum_of(drawn.rated, [&] {
    const double score = what_.satisfaction_score + what_.satisfaction_spread * bell(bits);
    return std::llround(std::clamp(score, 0.0, 5.0) * 1000.0);
  });
  drawn.latency_us = sum_of(drawn.conversations, [&] {
    const double latency = what_.avg_latency_ms + what_.latency_spread_ms * bell(bits);
    return std::llround(std::max(latency, 1.0) * 1000.0);
  });
  drawn.escalations = binomial(drawn.conversations, what_.escalation_rate, bits);
  return drawn;
}

double conversation_stream::overlap(std::int64_t second) const {
  const auto begin = std::max<duration>(from_, std::chrono::seconds{second});
  const auto end = std::min<duration>(until_, std::chrono::seconds{second + 1});
  return std::max(0.0, std::chrono::duration<double>(end - begin).count());
}

}  // namespace canaryd::sim
