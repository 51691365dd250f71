// Judges single metrics for judge.cpp. Private to this folder.
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
  // nullptr if it was not asked or did not answer.
  const metrics_sample* stable;
  bool are_of_one_window = true;
};

// judge_metric.cpp: the stable arm has answered, and has conversations enough to be compared with.
bool has_stable_data(const job::job& spec, const std::optional<evidence>& gathered,
                     const arms& both);

// judge_metric.cpp: every metric that the job judges, in the order of the job file. Sets
// `shows_harm` as in judgement.
std::vector<judged_metric> judge_metrics(const job::job& spec,
                                         const std::optional<evidence>& gathered, const arms& both,
                                         bool& shows_harm);

// judge_sequential.cpp: the first answer with a score settles whether scores are tested.
void settle_how_scores_count(const job::job& spec, evidence& gathered, const arms& both,
                             std::vector<note>& notes);

// judge_sequential.cpp: adds what is new in the answers. Returns true if all conversations and
// errors of the canary's answer are counted.
bool gather(const job::job& spec, evidence& gathered, const arms& both, std::vector<note>& notes);

// judge_sequential.cpp: the evidence about one metric. Empty if the metric is judged by the
// threshold rule.
std::optional<test_evidence> error_evidence(const job::job& spec, const evidence& gathered,
                                            const arms& both);
std::optional<test_evidence> score_evidence(const job::job& spec, const evidence& gathered,
                                            const arms& both);

}  // namespace canaryd::judge
