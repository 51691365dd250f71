#include "canaryd/text/wall_text.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace canaryd::text {
namespace {

using namespace std::chrono;

// Takes pieces off the front of a text. `failed` is set as soon as a piece does not fit.
struct reader {
  std::string_view rest;
  bool failed = false;

  int number(std::size_t digits) {
    const auto piece = rest.substr(0, digits);
    if (piece.size() < digits || !std::ranges::all_of(piece, is_digit)) {
      failed = true;
      return 0;
    }
    rest.remove_prefix(digits);
    int value = 0;
    for (const char digit : piece)
      value = value * 10 + (digit - '0');
    return value;
  }

  void sign(char expected) {
    if (rest.starts_with(expected))
      rest.remove_prefix(1);
    else
      failed = true;
  }

  milliseconds fraction() {
    if (!rest.starts_with('.'))
      return {};
    rest.remove_prefix(1);
    const auto* end = std::ranges::find_if_not(rest, is_digit);
    const auto digits = static_cast<std::size_t>(end - rest.begin());
    if (digits < 1 || digits > 9)
      failed = true;
    std::string padded{rest.substr(0, std::min<std::size_t>(digits, 3))};
    padded.resize(3, '0');
    rest.remove_prefix(digits);
    return milliseconds{reader{.rest = padded}.number(3)};
  }
};

}  // namespace

std::string format_wall_time(wall_time time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<wall_time> parse_wall_time(std::string_view text) {
  reader in{.rest = text};
  const year in_year{in.number(4)};
  in.sign('-');
  const month in_month{static_cast<unsigned>(in.number(2))};
  in.sign('-');
  const day in_day{static_cast<unsigned>(in.number(2))};
  in.sign('T');
  const hours hour{in.number(2)};
  in.sign(':');
  const minutes minute{in.number(2)};
  in.sign(':');
  const seconds second{in.number(2)};
  const milliseconds fraction = in.fraction();
  in.sign('Z');
  const year_month_day date{in_year, in_month, in_day};
  const bool clock_ok = hour < 24h && minute < 60min && second < 60s;
  if (in.failed || !in.rest.empty() || !date.ok() || !clock_ok)
    return std::nullopt;
  return sys_days{date} + hour + minute + second + fraction;
}

}  // namespace canaryd::text
