#include "canaryd/text/duration_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace canaryd::text {
namespace {

using milliseconds = std::chrono::milliseconds;

struct unit {
  std::string_view name;
  milliseconds length;
};

constexpr std::array<unit, 5> units{{{.name = "d", .length = std::chrono::days{1}},
                                     {.name = "h", .length = std::chrono::hours{1}},
                                     {.name = "m", .length = std::chrono::minutes{1}},
                                     {.name = "s", .length = std::chrono::seconds{1}},
                                     {.name = "ms", .length = milliseconds{1}}}};

constexpr auto longest = std::chrono::duration_cast<milliseconds>(max_duration);

}  // namespace

std::optional<duration> parse_duration(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  milliseconds sum{0};
  const auto* allowed = units.begin();
  while (!text.empty()) {
    std::uint64_t count = 0;
    const auto number = std::from_chars(text.begin(), text.end(), count);
    if (number.ec != std::errc{})
      return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(number.ptr - text.begin()));
    const auto word = text.substr(0, text.find_first_not_of("dhms"));
    const auto* found = std::find_if(allowed, units.end(),
                                     [&](const unit& candidate) { return candidate.name == word; });
    if (found == units.end())
      return std::nullopt;
    if (count > static_cast<std::uint64_t>((longest - sum) / found->length))
      return std::nullopt;
    sum += found->length * static_cast<std::int64_t>(count);
    allowed = std::next(found);
    text.remove_prefix(word.size());
  }
  return sum;
}

std::optional<duration> duration_from_seconds(double seconds) {
  const double limit = std::chrono::duration<double>{max_duration}.count();
  // Negated, so that a NaN is refused too.
  if (!(seconds >= 0 && seconds <= limit))
    return std::nullopt;
  return milliseconds{std::llround(seconds * 1000)};
}

std::string format_duration(duration length) {
  auto rest = std::chrono::duration_cast<milliseconds>(length);
  if (rest == milliseconds::zero())
    return "0s";
  std::string text;
  if (rest < milliseconds::zero()) {
    text = "-";
    rest = -rest;
  }
  for (const auto& [name, unit_length] : units) {
    const auto count = rest / unit_length;
    rest -= count * unit_length;
    if (count > 0)
      text.append(std::to_string(count)).append(name);
  }
  return text;
}

}  // namespace canaryd::text
