// A test of one arm's error rate against the other's that stays valid while both drift and the
// traffic is shared out anew: given that a conversation failed, which arm was it in? (After Lindon
// and Malek 2022, and Turner, Ly and Grünwald 2024.)
#pragma once

#include "canaryd/judge/evidence.hpp"

#include <cstdint>

namespace canaryd::judge {

// The conversations and errors of both arms between two readings.
struct label_block {
  std::int64_t canary = 0;
  std::int64_t stable = 0;
  std::int64_t canary_errors = 0;
  std::int64_t stable_errors = 0;
};

// Adds what a block tells to the bets that the canary's error rate is r times the stable arm's, for
// r = tolerated * {1.25, 1.5, 2, 3, 5, 10} (evidence::worse) and tolerated / those
// (evidence::better). A block without conversations in one arm tells nothing.
void add_block(evidence& to, const label_block& block, double tolerated_ratio);

// The logarithms of the e-values: the means of the bets.
double log_worse(const evidence& gathered);
double log_better(const evidence& gathered);

}  // namespace canaryd::judge
