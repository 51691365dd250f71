#include "canaryd/core/evidence.hpp"

#include "canaryd/core/label_test.hpp"

#include <cmath>

namespace canaryd::core {
namespace {

constexpr double best_score = 5.0;

// What is new in an answer.
struct block {
  std::int64_t conversations = 0;
  std::int64_t errors = 0;
};

// A conversation may be seen to have failed after it was counted. Then its error waits until there
// is a new conversation to go with it: a block with more errors than conversations says nothing.
block take_block(arm_counts& seen, const arm_counts& now) {
  const block fresh{now.conversations - seen.conversations, now.errors - seen.errors};
  if (fresh.conversations < 0 || fresh.errors < 0 || fresh.errors > fresh.conversations)
    return {};
  seen.conversations = now.conversations;
  seen.errors = now.errors;
  return fresh;
}

// The sum is made of a mean that may have been rounded, so it may go down although the scores grow
// in number: the newest answer knows best.
void take_scores(arm_counts& seen, arm_counts& total, const arm_counts& now) {
  if (now.rated < seen.rated)
    return;
  total.rated += now.rated - seen.rated;
  total.dissatisfaction += now.dissatisfaction - seen.dissatisfaction;
  seen.rated = now.rated;
  seen.dissatisfaction = now.dissatisfaction;
}

bool counts_less(const arm_counts& now, const arm_counts& seen) {
  return now.conversations < seen.conversations || now.errors < seen.errors;
}

}  // namespace

rebuilt_counts rebuild_counts(const metrics_sample& answer) {
  rebuilt_counts made;
  made.counts.conversations = answer.conversation_count.value_or(0);
  const double errors =
      answer.error_rate.value_or(0.0) * static_cast<double>(made.counts.conversations);
  made.counts.errors = std::llround(errors);
  made.rounding = errors - static_cast<double>(made.counts.errors);
  if (answer.satisfaction_count && answer.satisfaction_score) {
    made.counts.rated = *answer.satisfaction_count;
    made.counts.dissatisfaction =
        static_cast<double>(made.counts.rated) * (1.0 - *answer.satisfaction_score / best_score);
  }
  return made;
}

void begin_counting(evidence& gathered) {
  gathered.canary_seen = {};
  gathered.stable_seen = {};
}

void add_answers(evidence& gathered, const arm_counts& canary, const arm_counts* stable,
                 double tolerated_ratio) {
  gathered.shrunk = counts_less(canary, gathered.canary_seen) ||
                    (stable != nullptr && counts_less(*stable, gathered.stable_seen));
  const auto fresh = take_block(gathered.canary_seen, canary);
  gathered.total.conversations += fresh.conversations;
  gathered.total.errors += fresh.errors;
  take_scores(gathered.canary_seen, gathered.total, canary);
  if (stable == nullptr)
    return;
  const auto beside = take_block(gathered.stable_seen, *stable);
  gathered.stable_total += beside.conversations;
  add_block(gathered, {fresh.conversations, beside.conversations, fresh.errors, beside.errors},
            tolerated_ratio);
}

}  // namespace canaryd::core
