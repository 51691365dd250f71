// A token bucket over elapsed time, as a value: no timer, no clock of its own.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::platform {

// Holds at most `capacity` tokens and gains `per_second` of them; both greater than 0. Begins
// with `tokens`.
// In a window of length T no more than capacity + per_second * T can be taken.
class token_bucket {
 public:
  token_bucket(double capacity, double per_second, double tokens, instant now);

  // Changes both limits from now on; what is in the bucket stays, as far as it fits.
  void limit(double capacity, double per_second, instant now);

  // Adds what has been gained since the last time. Requires that time does not go back.
  void refill(instant now);

  bool has(double tokens) const;
  void take() { tokens_ -= 1.0; }

  // When there will be that many (at most `capacity`), if nobody takes any before. Requires a
  // refill at `now`.
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
