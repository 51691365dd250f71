// A test of a rate against a limit that may be looked at after every conversation: the Beta(1,1)
// mixture of likelihood ratios, truncated to one side of the limit (Howard, Ramdas, McAuliffe and
// Sekhon 2021). Its values are e-values: if the rate is on the other side, the probability that the
// value ever reaches 1/alpha is at most alpha, however often it is looked at.
#pragma once

#include <cstdint>

namespace canaryd::judge {

// Natural logarithms; either may be infinite.
struct bernoulli_evidence {
  // The evidence that the rate is above the limit, and that it is below it.
  double above = 0.0;
  double below = 0.0;
};

// Tests the rate of `events` in `trials`. The limit and events / trials are in 0..1. Events need
// not be whole: a mean of values within 0..1 is no easier to bet on than the same number of events
// (Waudby-Smith and Ramdas 2023).
bernoulli_evidence test_rate(double limit, double events, std::int64_t trials);

}  // namespace canaryd::judge
