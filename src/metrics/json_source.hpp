// What a JSON web source answers. Pure.
#pragma once

#include "canaryd/platform/json_answer.hpp"

#include "measurement.hpp"
#include <string>
#include <string_view>

namespace canaryd::metrics {

// The value at the pointer and, unless `count` is empty, the count that belongs to it
// (counted_value). Nothing if one of them is absent or null. Fails if what is there is no number,
// and if the body is of no use. Requires valid pointers.
measured read_json_source(platform::json_answer& answer, std::string_view value,
                          std::string_view count);

}  // namespace canaryd::metrics
