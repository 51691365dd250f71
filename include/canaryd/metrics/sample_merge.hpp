// Merges a poll's sample with the fallback's. Pure functions.
#pragma once

#include "canaryd/judge/metrics.hpp"

#include <span>
#include <string>

namespace canaryd::metrics {

// True if the fallback need not be asked: the four metrics of every answer and the `further` ones
// are all there. The number of scores does not count, because not every API reports it.
bool is_complete(const judge::metrics_sample& sample, std::span<const std::string> further);

// Fills the gaps in the primary's sample from the fallback's. The score and the number of scores
// come from the same answer. If conversations are counted, so do the error rate and the number of
// conversations: both are the primary's, or both are the fallback's.
judge::sourced_sample merge(judge::metrics_sample primary, const judge::metrics_sample& fallback,
                            bool are_counted);

}  // namespace canaryd::metrics
