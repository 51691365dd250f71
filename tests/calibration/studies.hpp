// Which canaries are tried: healthy and bad ones, under the rules that an operator may choose.
#pragma once

#include "study.hpp"
#include <vector>

namespace canaryd::calibration {

std::vector<study> all_studies();

}  // namespace canaryd::calibration
