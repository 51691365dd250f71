// The two times of one event in the simulated API.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::sim {

struct moment {
  instant now;
  wall_time wall;
};

}  // namespace canaryd::sim
