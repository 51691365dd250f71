// Judges one poll's answer by a job's rules (reference: "Readings", "Judging"): each reading
// against the limits and the stable arm, or with all that was gathered since the deploy.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/note.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/evidence.hpp"
#include "canaryd/judge/reading.hpp"

#include <optional>
#include <vector>

namespace canaryd::judge {

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
  // A metric with effect is past its limit, with however few conversations of either arm.
  bool shows_harm = false;
  // All conversations up to now are counted.
  bool has_counted = false;
  // Worth telling an operator, each once.
  std::vector<note> notes;
};

// A reading is the first of these that fits. Provider error: the canary's arm did not answer.
// Breach: a metric with effect is past its limit, with at least min_conversations and at least one,
// whatever else is missing. Provider error: the stable arm did not answer. No data: a metric that
// is neither optional nor without effect is missing, or conversations are missing, none or fewer
// than min_conversations. Pass: also of a value exactly at its limit. `gathered` is added to, and
// is there exactly where the job's method is sequential.
judgement judge(const job::job& spec, std::optional<evidence>& gathered, const answered_poll& poll);

// What a reading means for the canary; metrics without effect (dry_run) are left out.

// One metric is past its hard limit, or a test has rejected it: it is rolled back at once.
bool is_past_hard_limit(const reading& taken);
bool is_rejected(const reading& taken);
// The metric breaches and counts towards its failure limit.
bool counts_as_breach(const judged_metric& metric);
// What is missing of the metric, its value or what the stable arm allows, is no lack of data.
bool is_excused(const judged_metric& metric);
// A test has not shown the metric to be within its limit, and that is waited for.
bool is_unproven(const judged_metric& metric);
// The reading passes, and every test that is waited for has shown its metric within the limits.
bool is_proven(const reading& taken);

}  // namespace canaryd::judge
