#include "canaryd/judge/evidence.hpp"

#include "canaryd/judge/label_test.hpp"

#include <algorithm>
#include <cmath>

namespace canaryd::judge {
namespace {

// A conversation may turn out to have failed after it was counted. Its error then waits for a new
// conversation, because a block cannot have more errors than conversations.
bool is_block(std::int64_t conversations, std::int64_t errors) {
  return errors >= 0 && errors <= conversations;
}

bool add_conversations(evidence& gathered, const told_counts& told) {
  if (!told.conversations || *told.conversations < gathered.seen.conversations)
    return false;
  gathered.total.conversations += *told.conversations - gathered.seen.conversations;
  gathered.seen.conversations = *told.conversations;
  return true;
}

bool add_errors(evidence& gathered, const told_counts& told) {
  if (!told.conversations || !told.errors)
    return false;
  const auto trials = *told.conversations - gathered.seen.trials;
  const auto errors = *told.errors - gathered.seen.errors;
  if (!is_block(trials, errors))
    return false;
  gathered.total.trials += trials;
  gathered.total.errors += errors;
  gathered.seen.trials = *told.conversations;
  gathered.seen.errors = *told.errors;
  return true;
}

// The sum of the scores is computed from a mean that may have been rounded. If the new scores alone
// cannot explain how the sum has changed, nothing is added until there are enough of them.
void add_scores(evidence& gathered, const told_counts& told) {
  if (!told.rated)
    return;
  const auto rated = *told.rated - gathered.seen.rated;
  const double dissatisfaction = told.dissatisfaction - gathered.seen.dissatisfaction;
  const double rounding = 1e-9 * static_cast<double>(*told.rated);
  if (rated < 0 || dissatisfaction < -rounding ||
      dissatisfaction > static_cast<double>(rated) + rounding)
    return;
  gathered.total.rated += rated;
  gathered.total.dissatisfaction += dissatisfaction;
  gathered.seen.rated = *told.rated;
  gathered.seen.dissatisfaction = told.dissatisfaction;
}

// Whether the rate stands for a whole number of errors. A rounded rate can give fewer errors than
// the one before, although none has disappeared.
bool is_whole(const told_counts& told) {
  constexpr double inexact = 1e-3;
  return std::abs(told.rounding) < inexact;
}

// The scores that were counted before cannot all be among these, even if the mean was rounded to
// one decimal.
bool has_other_scores(const told_counts& told, const arm_counts& seen) {
  if (*told.rated < seen.rated)
    return true;
  const double better = told.dissatisfaction - seen.dissatisfaction;
  const double worse = static_cast<double>(*told.rated - seen.rated) - better;
  return std::min(better, worse) < -0.02 * static_cast<double>(*told.rated);
}

bool counts_less(const told_counts& told, const arm_counts& seen) {
  return (told.conversations && *told.conversations < seen.conversations) ||
         (told.errors && *told.errors < seen.errors && is_whole(told)) ||
         (told.rated && has_other_scores(told, seen));
}

arm_counts difference(const arm_counts& now, const arm_counts& before) {
  return {.conversations = now.conversations - before.conversations,
          .trials = now.trials - before.trials,
          .errors = now.errors - before.errors,
          .rated = now.rated - before.rated,
          .dissatisfaction = now.dissatisfaction - before.dissatisfaction};
}

}  // namespace

double dissatisfaction_of(double score) {
  return 1.0 - score / job::built_in(job::metric_id::satisfaction_score).most;
}

told_counts counts_of(const metrics_sample& answer) {
  told_counts told;
  told.conversations = answer.conversation_count;
  if (answer.conversation_count && answer.error_rate) {
    const double errors = *answer.error_rate * static_cast<double>(*answer.conversation_count);
    told.errors = std::llround(errors);
    told.rounding = errors - static_cast<double>(*told.errors);
  }
  if (answer.satisfaction_count && answer.satisfaction_score) {
    told.rated = answer.satisfaction_count;
    told.dissatisfaction =
        static_cast<double>(*told.rated) * dissatisfaction_of(*answer.satisfaction_score);
  }
  return told;
}

void begin_counting(evidence& gathered) {
  gathered.seen = {};
  gathered.whole = {};
  gathered.paired = {};
}

void count_anew(evidence& gathered) {
  const auto since_then = difference(gathered.seen, gathered.whole);
  begin_counting(gathered);
  gathered.seen = since_then;
}

bool add_canary(evidence& gathered, const told_counts& canary) {
  gathered.shrunk = counts_less(canary, gathered.seen);
  const bool has_conversations = add_conversations(gathered, canary);
  const bool has_errors = add_errors(gathered, canary);
  add_scores(gathered, canary);
  const bool has_all = has_conversations && (has_errors || !canary.errors);
  if (has_all)
    gathered.whole = gathered.seen;
  return has_all;
}

void add_pair(evidence& gathered, const told_counts& canary, const told_counts& stable,
              double tolerated_ratio) {
  if (stable.conversations && *stable.conversations < gathered.paired.stable)
    gathered.shrunk = true;
  if (!canary.conversations || !canary.errors || !stable.conversations || !stable.errors)
    return;
  const paired_counts now{*canary.conversations, *canary.errors, *stable.conversations,
                          *stable.errors};
  const auto& before = gathered.paired;
  const label_block block{now.canary - before.canary, now.stable - before.stable,
                          now.canary_errors - before.canary_errors,
                          now.stable_errors - before.stable_errors};
  if (!is_block(block.canary, block.canary_errors) || !is_block(block.stable, block.stable_errors))
    return;
  gathered.stable_total += block.stable;
  add_block(gathered, block, tolerated_ratio);
  gathered.paired = now;
}

}  // namespace canaryd::judge
