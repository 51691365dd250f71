// A test of a rate against a limit that may be looked at after every conversation: the Beta(1,1)
// mixture of likelihood ratios, truncated to one side of the limit (Howard, Ramdas, McAuliffe and
// Sekhon 2021). Its values are e-values: where the rate is on the other side, one of them ever
// reaches 1/alpha with a probability of at most alpha, however often it is looked at.
#pragma once

#include <cstdint>

namespace canaryd::judge {

// Natural logarithms; either may be infinite.
struct bernoulli_evidence {
  // That the rate is above the limit, and below it.
  double above = 0.0;
  double below = 0.0;
};

// Of `events` in `trials`; limit and events / trials are 0..1. Events need not be whole: a mean of
// values within 0..1 is no easier to bet on than the same number of events (Waudby-Smith and
// Ramdas 2023).
bernoulli_evidence test_rate(double limit, double events, std::int64_t trials);

}  // namespace canaryd::judge
