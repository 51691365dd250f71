// Which metrics are asked of which source, and what their answers become. Pure.
#pragma once

#include "canaryd/judge/metrics.hpp"

#include "source_tasks.hpp"
#include <span>
#include <string>
#include <vector>

namespace canaryd::metrics {

// What is wrong with sources and metrics as they are configured; empty: nothing.
std::string problem_with(const std::vector<source>& sources,
                         const std::vector<sourced_metric>& metrics);

// Built-in metrics and the counts of conversations and scores always; others where they are among
// `further`.
bool is_wanted(const sourced_metric& metric, std::span<const std::string> further);

// The window that a source with that lag is asked for.
arm_query lagging(arm_query asked, duration lag);

// The sample of all that was found, or the error of all that failed, each error told once.
result<judge::metrics_sample> merge_findings(const std::vector<wanted_metric>& wanted);

}  // namespace canaryd::metrics
