// The two times of one event in the simulated API.
#pragma once

#include "canaryd/core/time.hpp"

namespace canaryd::sim {

struct moment {
  core::instant now;
  core::wall_time wall;
};

}  // namespace canaryd::sim
