// Judges the answer to a poll by the job's rules (reference: "Readings", "Judging"): compares it
// with the limits and the stable arm, or tests all evidence since the deploy.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/note.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/evidence.hpp"
#include "canaryd/judge/reading.hpp"

#include <optional>
#include <vector>

namespace canaryd::judge {

// The answer to a poll.
struct answered_poll {
  const result<sourced_sample>& canary;
  duration window{};
  // The stable arm's answer, if the job compares with it.
  const std::optional<result<sourced_sample>>& stable;
  duration stable_window{};
  wall_time at;
  // True if the window begins where counting began.
  bool counts = true;
};

struct judgement {
  reading taken;
  // True if a metric with effect is past its limit, however few the conversations of either arm.
  bool shows_harm = false;
  // True if all conversations up to now are counted.
  bool has_counted = false;
  // What the log should tell an operator. Nothing is told twice.
  std::vector<note> notes;
};

// Judges a reading. Its verdict is the first of these that fits:
//
// - Provider error: the canary's arm did not answer.
// - Breach: a metric with effect is past its limit, whatever else is missing. It takes at least
//   min_conversations, and at least one.
// - Provider error: the stable arm was asked and did not answer.
// - No data: there are too few conversations, a metric is missing that is neither optional nor
//   without effect, or the stable arm has too little data to compare with.
// - Pass: anything else. A value that is exactly at its limit passes.
//
// Adds to `gathered`, which the caller must pass if, and only if, the method is sequential.
judgement judge(const job::job& spec, std::optional<evidence>& gathered, const answered_poll& poll);

// What a reading means for the canary. Metrics without effect (dry_run) are left out.

// A metric is past its hard limit, or a test has rejected it. Either rolls back at once.
bool is_past_hard_limit(const reading& taken);
bool is_rejected(const reading& taken);
// The metric breaches and counts towards its failure limit.
bool counts_as_breach(const judged_metric& metric);
// The reading has data even if it lacks this metric, or the stable arm's value of it.
bool is_excused(const judged_metric& metric);
// A promote may wait for proof of this metric, and no test has proven it yet.
bool is_unproven(const judged_metric& metric);
// The reading passes, and no metric is unproven.
bool is_proven(const reading& taken);

}  // namespace canaryd::judge
