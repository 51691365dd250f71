#include "canaryd/platform/budget/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace canaryd::platform {
namespace {

// Hides the rounding of sums. A token that is taken early is missing later, so the errors do not
// add up.
constexpr double tolerance = 1e-9;

}  // namespace

token_bucket::token_bucket(double capacity, double per_second, double tokens, instant now)
    : capacity_{capacity}, per_second_{per_second}, tokens_{tokens}, refilled_at_{now} {}

void token_bucket::limit(double capacity, double per_second, instant now) {
  refill(now);
  capacity_ = capacity;
  per_second_ = per_second;
  tokens_ = std::min(tokens_, capacity_);
}

void token_bucket::refill(instant now) {
  const std::chrono::duration<double> passed = now - refilled_at_;
  tokens_ = std::min(capacity_, tokens_ + (per_second_ * passed.count()));
  refilled_at_ = now;
}

bool token_bucket::has(double tokens) const {
  return tokens_ >= tokens - tolerance;
}

instant token_bucket::when(double tokens, instant now) const {
  if (has(tokens))
    return now;
  // A century counts as never, and does not overflow.
  constexpr double never_s = 3e9;
  const double wait_s = std::min(never_s, (tokens - tokens_) / per_second_);
  return now + duration{static_cast<duration::rep>(std::ceil(wait_s * 1e9))};
}

}  // namespace canaryd::platform
