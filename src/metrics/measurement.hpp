// What a source says of one metric: a value, and for a rate also what it is a share of. Pure.
#pragma once

#include "canaryd/text/decimal.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::metrics {

struct measurement {
  text::decimal value;
  // What the value is a share or mean of, greater than 0, so that evidence can judge it.
  std::optional<std::int64_t> count = std::nullopt;

  bool operator==(const measurement&) const = default;
};

// What is wrong with an answer, in words, is the error.
template <class T>
using parsed = std::expected<T, std::string>;
// Nothing: the source has no data.
using measured = parsed<std::optional<measurement>>;

// A value without a count.
measured plain_value(const std::optional<text::decimal>& value);

// The rate numerator/denominator. Nothing if one of them is absent or the denominator is 0: a share
// of nothing is not 0. Sources estimate counts, so the denominator is rounded to a whole count, and
// a numerator that is less than half above the denominator is a rate of 1. Fails for negative
// numbers and for any other numerator above the denominator.
measured rate_of(const std::optional<text::decimal>& numerator,
                 const std::optional<text::decimal>& denominator);

// A rate or mean and its count. Nothing if one of them is absent or the count is 0. Fails if the
// count is not a whole number from 0 to 10^12.
measured counted_value(const std::optional<text::decimal>& value,
                       const std::optional<text::decimal>& count);

// conversation_count or satisfaction_count: a number of conversations, and no value to judge.
bool is_count_metric(std::string_view metric);

// The measurement, if the metric of that name may have such a value: a built-in one within its
// bounds (job/metric_table.hpp), a count metric whole and not negative, and any other within 0..1
// where it has a count.
measured within_bounds(std::string_view metric, measured told);

}  // namespace canaryd::metrics
