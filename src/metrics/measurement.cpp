#include "measurement.hpp"

#include "canaryd/job/metric_table.hpp"

#include <fmt/format.h>

#include <cmath>

namespace canaryd::metrics {
namespace {

// Few enough for sums and e-values of them to be exact.
constexpr double most_counted = 1e12;

bool is_count(double value) {
  return value >= 0.0 && value <= most_counted && value == std::floor(value);
}

std::unexpected<std::string> not_a_count(double value) {
  return std::unexpected{fmt::format("{} is no count", value)};
}

std::unexpected<std::string> out_of_bounds(double value, double least, double most) {
  const auto allowed =
      std::isinf(most) ? fmt::format("at least {}", least) : fmt::format("{} to {}", least, most);
  return std::unexpected{fmt::format("it is {}, allowed is {}", value, allowed)};
}

measured within(measured told, double least, double most) {
  const auto& value = (*told)->value;
  if (text::compare(value, least) < 0 || text::compare(value, most) > 0)
    return out_of_bounds(value, least, most);
  return told;
}

}  // namespace

measured plain_value(const std::optional<text::decimal>& value) {
  if (!value)
    return std::nullopt;
  return measurement{.value = *value};
}

measured rate_of(const std::optional<text::decimal>& numerator,
                 const std::optional<text::decimal>& denominator) {
  if (!numerator || !denominator)
    return std::nullopt;
  const double part = *numerator;
  const double whole = *denominator;
  if (part < 0.0 || whole < 0.0 || whole > most_counted)
    return std::unexpected{fmt::format("{} of {} is no rate", part, whole)};
  if (part >= whole + 0.5)
    return std::unexpected{
        fmt::format("the numerator {} is above the denominator {}", part, whole)};
  const auto count = static_cast<std::int64_t>(std::llround(whole));
  if (count == 0)
    return std::nullopt;
  return measurement{.value = part >= whole ? 1.0 : part / whole, .count = count};
}

measured counted_value(const std::optional<text::decimal>& value,
                       const std::optional<text::decimal>& count) {
  if (!value || !count)
    return std::nullopt;
  if (!is_count(*count))
    return not_a_count(*count);
  if (*count == 0.0)
    return std::nullopt;
  return measurement{.value = *value, .count = static_cast<std::int64_t>(double{*count})};
}

bool is_count_metric(std::string_view metric) {
  return metric == "conversation_count" || metric == "satisfaction_count";
}

measured within_bounds(std::string_view metric, measured told) {
  if (!told || !*told)
    return told;
  if (is_count_metric(metric) && !is_count((*told)->value))
    return not_a_count((*told)->value);
  if (const auto* built_in = job::find_built_in(metric))
    return within(std::move(told), built_in->least, built_in->most);
  if ((*told)->count)
    return within(std::move(told), 0.0, 1.0);
  return told;
}

}  // namespace canaryd::metrics
