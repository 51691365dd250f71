// Makes a history of up to 200 jobs in which everything that can go wrong does, at times that only
// the seed decides.
#pragma once

#include "history.hpp"
#include <cstdint>

namespace canaryd::simulation {

history make_random_history(std::uint64_t seed);

}  // namespace canaryd::simulation
