// The parts of judge.cpp: what single metrics show. Private to the judge_*.cpp files.
#pragma once

#include "canaryd/base/note.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/evidence.hpp"
#include "canaryd/judge/reading.hpp"

#include <optional>
#include <vector>

namespace canaryd::judge {

struct arms {
  const metrics_sample& canary;
  // nullptr where it was not asked for, or did not answer.
  const metrics_sample* stable;
  bool are_of_one_window = true;
};

// judge_metric.cpp: the stable arm has answered with at least min_conversations.
bool has_stable_data(const job::job& spec, const std::optional<evidence>& gathered,
                     const arms& both);

// judge_metric.cpp: every metric that the job judges, in the order of the job file. `shows_harm` as
// in judgement.
std::vector<judged_metric> judge_metrics(const job::job& spec,
                                         const std::optional<evidence>& gathered, const arms& both,
                                         bool& shows_harm);

// judge_sequential.cpp: the first answer with a score settles whether scores are tested.
void settle_how_scores_count(const job::job& spec, evidence& gathered, const arms& both,
                             std::vector<note>& notes);

// judge_sequential.cpp: adds what the answers tell. True where all of the canary's is counted.
bool gather(const job::job& spec, evidence& gathered, const arms& both, std::vector<note>& notes);

// The tests of the sequential method for one metric; nothing where it keeps to the threshold rule.
std::optional<test_evidence> error_evidence(const job::job& spec, const evidence& gathered,
                                            const arms& both);
std::optional<test_evidence> score_evidence(const job::job& spec, const evidence& gathered,
                                            const arms& both);

}  // namespace canaryd::judge
