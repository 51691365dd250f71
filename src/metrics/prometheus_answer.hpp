// What Prometheus answers to an instant query (GET /api/v1/query). Pure.
#pragma once

#include "measurement.hpp"
#include <optional>
#include <string_view>

namespace canaryd::metrics {

// The value of the answer's only sample. Nothing if there is no sample, or if it is NaN. Warnings
// are passed over. Fails for several samples, a range, a text, a histogram, an infinite value, a
// status other than "success", and for anything that is not such an answer.
parsed<std::optional<text::decimal>> parse_prometheus(std::string_view body);

}  // namespace canaryd::metrics
