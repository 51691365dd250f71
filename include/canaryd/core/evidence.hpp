// What the sequential method remembers of a canary: a few numbers that survive a restart (SPEC
// section 3.1), and how an answer adds to them. core/judge.hpp turns them into verdicts.
#pragma once

#include "canaryd/core/metrics.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace canaryd::core {

// One arm's conversations since the deploy or traffic change, as an answer told of them.
struct arm_counts {
  std::int64_t conversations = 0;
  std::int64_t errors = 0;
  // Conversations with a score, and the sum of 1 - score/5 over them.
  std::int64_t rated = 0;
  double dissatisfaction = 0.0;

  bool operator==(const arm_counts&) const = default;
};

// What an answer counts, rebuilt from its rates.
struct rebuilt_counts {
  arm_counts counts;
  // How far its error rate was from a whole number of errors.
  double rounding = 0.0;
};

// How many ratios of error rates the label test bets on, in either direction.
inline constexpr std::size_t label_ratio_count = 6;

struct evidence {
  // The newest counts of each arm: what the next answer has more than these is new.
  arm_counts canary_seen;
  arm_counts stable_seen;
  // All that was counted of the canary since its deploy, over all steps.
  arm_counts total;
  // Conversations of the stable arm in the same time.
  std::int64_t stable_total = 0;
  // The newest answer counted less than one before, and that has been told.
  bool shrunk = false;
  // Whether answers tell how many conversations were given a score. Nothing before one has told of
  // a score; then it stands.
  std::optional<bool> scores_are_counted;
  // The label test's bets, as logarithms: that the canary's error rate is so many times the stable
  // arm's more, and less, than is tolerated.
  std::array<double, label_ratio_count> worse{};
  std::array<double, label_ratio_count> better{};

  bool operator==(const evidence&) const = default;
};

// Missing metrics count as nothing, and scores only where the answer says how many there were.
rebuilt_counts rebuild_counts(const metrics_sample& answer);

// The canary's share of the traffic was set: the next answers count from there on.
void begin_counting(evidence& gathered);

// Adds what is new in the answers. Errors that would be more than the new conversations wait for
// the next answer; counts that shrink add nothing (evidence::shrunk). `stable` is nullptr where the
// canary is not held against it.
void add_answers(evidence& gathered, const arm_counts& canary, const arm_counts* stable,
                 double tolerated_ratio);

}  // namespace canaryd::core
