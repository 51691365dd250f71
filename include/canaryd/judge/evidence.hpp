// What the sequential method remembers of a canary: a few numbers that survive a restart
// (reference: "Judging"), and how an answer adds to them. judge/judge.hpp turns them into verdicts.
#pragma once

#include "canaryd/judge/metrics.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace canaryd::judge {

// The counts of one arm: all conversations, those with a known number of errors (`trials`), and
// those with a score. They are counted apart, because an answer may lack a metric.
struct arm_counts {
  std::int64_t conversations = 0;
  std::int64_t trials = 0;
  std::int64_t errors = 0;
  // Conversations with a score, and the sum of 1 - score/5 over them.
  std::int64_t rated = 0;
  double dissatisfaction = 0.0;

  bool operator==(const arm_counts&) const = default;
};
BOOST_DESCRIBE_STRUCT(arm_counts, (), (conversations, trials, errors, rated, dissatisfaction))

// The counts of both arms over one window.
struct paired_counts {
  std::int64_t canary = 0;
  std::int64_t canary_errors = 0;
  std::int64_t stable = 0;
  std::int64_t stable_errors = 0;

  bool operator==(const paired_counts&) const = default;
};
BOOST_DESCRIBE_STRUCT(paired_counts, (), (canary, canary_errors, stable, stable_errors))

// How many ratios of error rates the label test bets on, in either direction.
inline constexpr std::size_t label_ratio_count = 6;

struct evidence {
  // The newest counts since the deploy or traffic change. Whatever the next answer counts beyond
  // them is new.
  arm_counts seen;
  // What `seen` was when an answer was last counted completely. Counting may begin anew there.
  arm_counts whole;
  // The newest counts of both arms together. A block of the label test covers the same time in
  // both.
  paired_counts paired;
  // Everything that was counted of the canary since its deploy, over all steps.
  arm_counts total;
  // How many conversations of the stable arm the canary was compared with.
  std::int64_t stable_total = 0;
  // True if the canary's newest answer counts less than an earlier one, or its scores contradict
  // it, or if the stable arm's counts fewer conversations than the newest block. The log has been
  // told of it.
  bool shrunk = false;
  // Whether answers tell how many conversations have a score. If so, scores are tested, and get a
  // share of alpha. Empty before the first answer with a score. After that it does not change.
  std::optional<bool> scores_are_counted;
  // The label test's bets, as logarithms. The canary's error rate is a certain number of times
  // higher (`worse`) or lower (`better`) than what is tolerated beside the stable arm's.
  std::array<double, label_ratio_count> worse{};
  std::array<double, label_ratio_count> better{};

  bool operator==(const evidence&) const = default;
};
BOOST_DESCRIBE_STRUCT(evidence, (),
                      (seen, whole, paired, total, stable_total, shrunk, scores_are_counted, worse,
                       better))

// The counts of an answer. The number of errors is computed from the rate. Counts that the answer
// lacks are empty.
struct told_counts {
  std::optional<std::int64_t> conversations;
  std::optional<std::int64_t> errors;
  // How far the rate was from a whole number of errors.
  double rounding = 0.0;
  std::optional<std::int64_t> rated;
  double dissatisfaction = 0.0;
};

// Turns a score of 5..0 into a value of 0..1, where 1 is the worst. The mean of such values is
// tested like a rate.
double dissatisfaction_of(double score);

told_counts counts_of(const metrics_sample& answer);

// Begins to count from zero. This is for when the canary's share of the traffic was set, or when
// the canary was not watched for too long.
void begin_counting(evidence& gathered);

// Begins to count from where add_canary() last returned true. This is for when the window grew too
// long. Whatever was counted since then is in the next answers once more, and is not added again.
void count_anew(evidence& gathered);

// Adds what is new in the canary's answer. Errors wait for a later answer if there are more of them
// than new conversations. So do scores, if the new ones alone cannot explain their sum. Counts and
// sums that shrink add nothing (evidence::shrunk). Returns true if all conversations and errors of
// the answer are counted.
bool add_canary(evidence& gathered, const told_counts& canary);

// Adds what is new in both arms' answers about the same window, unless one of them has to wait or
// has shrunk (evidence::shrunk). Requires that add_canary() has returned true for the canary's
// answer.
void add_pair(evidence& gathered, const told_counts& canary, const told_counts& stable,
              double tolerated_ratio);

}  // namespace canaryd::judge
