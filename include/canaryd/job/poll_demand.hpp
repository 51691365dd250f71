// How much of the rate budget the polls of a canary take (reference: "Rate budget").
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/job/job.hpp"

#include <cstdint>

namespace canaryd::job {

// The API calls that all canaries together may make: at most `requests` in any time of length
// `per`.
struct call_budget {
  std::int64_t requests = 1000;
  duration per = std::chrono::minutes{5};
};

// The mean time between two polls. A reading that is compared with the stable arm takes two polls,
// one of each arm.
duration time_between_polls(const job& read);

// How many readings a hold has: one at the end of each interval, and one at its own end.
std::int64_t readings_in(const job& read, duration hold);

// How many polls one canary asks for in the time that `budget` is for.
double polls_asked_for(const job& read, const call_budget& budget);

}  // namespace canaryd::job
