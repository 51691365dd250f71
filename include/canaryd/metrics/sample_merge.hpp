// What becomes of a poll's sample where the fallback was asked as well. Pure.
#pragma once

#include "canaryd/judge/metrics.hpp"

#include <span>
#include <string>

namespace canaryd::metrics {

// Nothing that the fallback would be asked for is missing: the four metrics of every answer, and
// those named. Whether scores are counted is the API's own affair.
bool is_complete(const judge::metrics_sample& sample, std::span<const std::string> further);

// The primary's sample with its gaps filled from the fallback's. A score and how many gave it come
// from the same answer. Where conversations are counted, so do the error rate and the conversations
// that it is of: either both are the primary's, or both are the fallback's.
judge::sourced_sample merge(judge::metrics_sample primary, const judge::metrics_sample& fallback,
                            bool are_counted);

}  // namespace canaryd::metrics
