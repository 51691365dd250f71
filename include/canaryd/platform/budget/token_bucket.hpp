// A token bucket over elapsed time. This is a value without a timer or a clock.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::platform {

// Begins with `tokens`, gains `per_second` of them, and holds at most `capacity`. Both must be
// greater than 0. In a window of length T no more than capacity + per_second * T can be taken.
class token_bucket {
 public:
  token_bucket(double capacity, double per_second, double tokens, instant now);

  // Changes both limits from now on. The tokens in the bucket stay, as far as they fit.
  void limit(double capacity, double per_second, instant now);

  // Adds the tokens gained since the last refill. Requires that time does not go back.
  void refill(instant now);

  bool has(double tokens) const;
  void take() { tokens_ -= 1.0; }

  // Returns when there will be `tokens` tokens (at most `capacity`) if nobody takes any before.
  // Requires a refill at `now`.
  instant when(double tokens, instant now) const;

  double capacity() const { return capacity_; }
  double per_second() const { return per_second_; }

 private:
  double capacity_;
  double per_second_;
  double tokens_;
  instant refilled_at_;
};

}  // namespace canaryd::platform
