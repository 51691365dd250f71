// Judges one poll's answer by a job's rules (SPEC sections 3 and 3.1): each reading against the
// limits and the stable arm, or with all that was gathered since the deploy.
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/core/evidence.hpp"
#include "canaryd/core/job.hpp"
#include "canaryd/core/note.hpp"
#include "canaryd/core/reading.hpp"

#include <optional>
#include <vector>

namespace canaryd::core {

// What a poll has brought.
struct answered_poll {
  const result<sourced_sample>& canary;
  duration window{};
  // The other arm, where the job compares with it.
  const std::optional<result<sourced_sample>>& stable;
  duration stable_window{};
  wall_time at;
  // The window begins where counting did.
  bool counts = true;
};

struct judgement {
  reading taken;
  // All conversations up to now are counted.
  bool has_counted = false;
  // Worth telling an operator, each once.
  std::vector<note> notes;
};

// A value exactly at its limit passes. A missing metric, or fewer conversations than
// min_conversations, is no data and never healthy; a failed poll is a provider error, also where
// only the stable arm's failed and the canary's breaches nothing by itself. `gathered` is added to,
// and is there exactly where the job's method is sequential.
judgement judge(const job& spec, std::optional<evidence>& gathered, const answered_poll& poll);

// What a reading means for the canary; metrics without effect (dry_run) are left out.

// One metric is past its hard limit, or a test has rejected it: it is rolled back at once.
bool is_past_hard_limit(const reading& taken);
bool is_rejected(const reading& taken);
// The metric breaches and counts towards its failure limit.
bool counts_as_breach(const judged_metric& metric);
// The reading is without data, and yet shows something bad: a metric that breaches with as many
// conversations as the job asks for, or that a test has rejected.
bool is_without_data_but_bad(const job& spec, const reading& taken);
// A test has not shown the metric to be within its limit.
bool is_unproven(const judged_metric& metric);
// Every metric passes, and every test has shown its metric within the limits.
bool is_proven(const reading& taken);

}  // namespace canaryd::core
