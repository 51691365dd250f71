// Judges one poll's answer against a job's limits: the `threshold` method.
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/core/job.hpp"
#include "canaryd/core/reading.hpp"

namespace canaryd::core {

// A value exactly at its limit passes. A missing metric, or fewer conversations than
// min_conversations, is no data and never healthy; a failed poll is a provider error.
reading judge(const job& spec, const result<sourced_sample>& poll, wall_time at, duration window);

}  // namespace canaryd::core
