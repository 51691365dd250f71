// One canary, from its deploy to its promote or rollback, through the same state machine and judge
// as in the daemon.
#pragma once

#include "canaryd/job/job.hpp"

#include "traffic.hpp"
#include <cstdint>

namespace canaryd::calibration {

struct verdict_on_canary {
  bool rolled_back = false;
  // Since the deploy.
  duration after{};
};

// Holds of the job are whole validation intervals.
verdict_on_canary try_canary(const job::job& spec, const behaviour& how, std::uint64_t seed);

}  // namespace canaryd::calibration
