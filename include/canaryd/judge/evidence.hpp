// What the sequential method remembers of a canary: a few numbers that survive a restart
// (reference: "Judging"), and how an answer adds to them. judge/judge.hpp turns them into verdicts.
#pragma once

#include "canaryd/judge/metrics.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace canaryd::judge {

// Conversations, those of them of which it is known whether they failed, and those with a score.
// They are counted apart, because an answer may lack one or the other metric.
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

// Of both arms, over one window.
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
  // The newest counts since the deploy or traffic change: what the next answer has more than these
  // is new.
  arm_counts seen;
  // What `seen` was when nothing of an answer had to wait: counting may begin anew there.
  arm_counts whole;
  // The same of both arms together: a block of the label test is of one stretch of time.
  paired_counts paired;
  // All that was counted of the canary since its deploy, over all steps.
  arm_counts total;
  // Conversations of the stable arm that the canary was held against.
  std::int64_t stable_total = 0;
  // The newest answer of the canary counted less than one before, its scores included, or that of
  // the stable arm fewer conversations than the newest block of both; and that has been told.
  bool shrunk = false;
  // Whether answers tell how many conversations were given a score, so that scores have a share of
  // alpha. Nothing before one has told of a score; then it stands.
  std::optional<bool> scores_are_counted;
  // The label test's bets, as logarithms: that the canary's error rate is so many times the stable
  // arm's more, and less, than is tolerated.
  std::array<double, label_ratio_count> worse{};
  std::array<double, label_ratio_count> better{};

  bool operator==(const evidence&) const = default;
};
BOOST_DESCRIBE_STRUCT(evidence, (),
                      (seen, whole, paired, total, stable_total, shrunk, scores_are_counted, worse,
                       better))

// What an answer counts, its errors rebuilt from its rate. What it does not tell is absent.
struct told_counts {
  std::optional<std::int64_t> conversations;
  std::optional<std::int64_t> errors;
  // How far the rate was from a whole number of errors.
  double rounding = 0.0;
  std::optional<std::int64_t> rated;
  double dissatisfaction = 0.0;
};

// A score of 0..5 as a value of 0..1, 1 being the worst: a mean of such is tested as a rate is.
double dissatisfaction_of(double score);

told_counts counts_of(const metrics_sample& answer);

// The canary's share of the traffic was set, or nobody has looked for too long: the next answers
// count from there on.
void begin_counting(evidence& gathered);

// Its window grew too long: the next answers count from where add_canary() has last returned true.
// What has been counted since then is in them once more, and is not added again.
void count_anew(evidence& gathered);

// Adds what is new in the canary's answer. Errors that would be more than the new conversations
// wait for the next answer, as do scores whose sum the new ones alone cannot have changed so;
// counts and sums that shrink add nothing (evidence::shrunk). True where all that it tells of
// conversations and errors is counted.
bool add_canary(evidence& gathered, const told_counts& canary);

// Adds what both arms tell of the same window, unless one of them has to wait or has shrunk
// (evidence::shrunk). Requires that all of the canary's answer has been added.
void add_pair(evidence& gathered, const told_counts& canary, const told_counts& stable,
              double tolerated_ratio);

}  // namespace canaryd::judge
