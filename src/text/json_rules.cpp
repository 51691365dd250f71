#include "canaryd/text/json_rules.hpp"

#include "canaryd/text/text.hpp"
#include "canaryd/text/url_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace canaryd::text {
namespace {

std::optional<double> finite_number(const boost::json::value& value) {
  if (!value.is_number())
    return std::nullopt;
  const auto found = value.to_number<double>();
  if (!std::isfinite(found))
    return std::nullopt;
  return found;
}

std::string describe_bounds(const number_bounds& bounds) {
  constexpr number_bounds none;
  const auto min = shortest_decimal(bounds.min);
  const auto max = shortest_decimal(bounds.max);
  if (bounds.min == none.min && bounds.max == none.max)
    return "a number";
  if (bounds.max == none.max)
    return fmt::format("a number {} {}", bounds.above_min ? "above" : "of at least", min);
  if (bounds.above_min)
    return fmt::format("a number above {} and {} {}", min, bounds.below_max ? "below" : "up to",
                       max);
  return fmt::format("a number from {} to {}", min, max);
}

// Compares a number with the bounds before it is rounded to milliseconds.
std::optional<duration> read_duration(const boost::json::value& value, duration min, duration max) {
  using seconds = std::chrono::duration<double>;
  if (value.is_string()) {
    const auto found = parse_duration(value.get_string());
    return found && *found >= min && *found <= max ? found : std::nullopt;
  }
  const auto found = finite_number(value);
  if (!found || *found < seconds{min}.count() || *found > seconds{max}.count())
    return std::nullopt;
  return duration_from_seconds(*found);
}

}  // namespace

std::string show_value(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case boost::json::kind::int64:
      return std::to_string(value.get_int64());
    case boost::json::kind::uint64:
      return std::to_string(value.get_uint64());
    case boost::json::kind::double_:
      return std::isfinite(value.get_double()) ? shortest_decimal(value.get_double())
                                               : "a number too large";
    case boost::json::kind::string:
      return '"' + printable_excerpt(value.get_string(), 100) + '"';
    case boost::json::kind::array:
      return fmt::format("an array of {}", value.get_array().size());
    case boost::json::kind::object:
      return "an object";
  }
  return {};
}

std::string show_url(const boost::json::value& value) {
  if (value.is_string())
    return show_value(boost::json::value(redacted_url(value.get_string())));
  return show_value(value);
}

rule<double> number_in(number_bounds bounds) {
  return {.allowed = describe_bounds(bounds),
          .read = [bounds](const boost::json::value& value) -> std::optional<double> {
            const auto found = finite_number(value);
            if (!found || *found < bounds.min || *found > bounds.max)
              return std::nullopt;
            if (bounds.above_min && *found == bounds.min)
              return std::nullopt;
            if (bounds.below_max && *found == bounds.max)
              return std::nullopt;
            return found;
          }};
}

rule<std::int64_t> whole_number(std::int64_t min, std::int64_t max) {
  return {.allowed = fmt::format("a whole number from {} to {}", min, max),
          .read = [min, max](const boost::json::value& value) -> std::optional<std::int64_t> {
            const auto found = finite_number(value);
            const bool whole = found && std::trunc(*found) == *found;
            if (!whole || *found < static_cast<double>(min) || *found > static_cast<double>(max))
              return std::nullopt;
            return static_cast<std::int64_t>(*found);
          }};
}

rule<bool> boolean() {
  return {.allowed = "true or false",
          .read = [](const boost::json::value& value) -> std::optional<bool> {
            if (!value.is_bool())
              return std::nullopt;
            return value.get_bool();
          }};
}

rule<std::string> text_of(std::string allowed, std::size_t min, std::size_t max,
                          std::function<bool(std::string_view)> accepts) {
  return {.allowed = std::move(allowed),
          .read = [min, max, accepts = std::move(accepts)](
                      const boost::json::value& value) -> std::optional<std::string> {
            if (!value.is_string())
              return std::nullopt;
            const std::string_view found = value.get_string();
            if (found.size() < min || found.size() > max || !accepts(found))
              return std::nullopt;
            return std::string{found};
          }};
}

rule<duration> duration_in(duration min, duration max) {
  return {.allowed = fmt::format("a duration from {} to {}, as seconds or text such as \"1h30m\"",
                                 format_duration(min), format_duration(max)),
          .read = [min, max](const boost::json::value& value) {
            return read_duration(value, min, max);
          }};
}

rule<std::string> https_url() {
  auto rule = text_of("an absolute https URL (http only to a loopback address) without user part",
                      1, max_url_size, is_https_or_loopback);
  rule.show = show_url;
  return rule;
}

}  // namespace canaryd::text
