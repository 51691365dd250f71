#include "canaryd/net/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace canaryd::net {
namespace {

// Not left to strptime(), because the names do not depend on the locale.
constexpr std::array<std::string_view, 7> days{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                               "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct date_fields {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// Reads from the front of a text. Each step returns true if it found what it expected.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_{text} {}

  bool literal(std::string_view wanted) {
    if (!rest_.starts_with(wanted))
      return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  bool short_day() {
    return std::ranges::any_of(days, [this](auto name) { return literal(name.substr(0, 3)); });
  }

  bool long_day() {
    return std::ranges::any_of(days, [this](auto name) { return literal(name); });
  }

  bool month(unsigned& value) {
    for (value = 1; value <= months.size(); ++value)
      if (literal(months[value - 1]))
        return true;
    return false;
  }

  // Reads exactly `digits` digits.
  template <class Number>
  bool number(std::size_t digits, Number& value) {
    if (rest_.size() < digits || !std::ranges::all_of(rest_.substr(0, digits), is_digit))
      return false;
    value = 0;
    for (const char c : rest_.substr(0, digits))
      value = value * 10 + static_cast<Number>(c - '0');
    rest_.remove_prefix(digits);
    return true;
  }

  bool clock_time(date_fields& date) {
    return number(2, date.hour) && literal(":") && number(2, date.minute) && literal(":") &&
           number(2, date.second);
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_imf_fixdate(std::string_view text, date_fields& date) {
  scanner in{text};
  return in.short_day() && in.literal(", ") && in.number(2, date.day) && in.literal(" ") &&
         in.month(date.month) && in.literal(" ") && in.number(4, date.year) && in.literal(" ") &&
         in.clock_time(date) && in.literal(" GMT") && in.at_end();
}

bool read_rfc850_date(std::string_view text, int this_year, date_fields& date) {
  scanner in{text};
  if (!(in.long_day() && in.literal(", ") && in.number(2, date.day) && in.literal("-") &&
        in.month(date.month) && in.literal("-") && in.number(2, date.year) && in.literal(" ") &&
        in.clock_time(date) && in.literal(" GMT") && in.at_end()))
    return false;
  constexpr int furthest_future_years = 50;
  date.year += this_year / 100 * 100;
  if (date.year > this_year + furthest_future_years)
    date.year -= 100;
  else if (date.year + 100 <= this_year + furthest_future_years)
    date.year += 100;
  return true;
}

bool read_asctime_date(std::string_view text, date_fields& date) {
  scanner in{text};
  return in.short_day() && in.literal(" ") && in.month(date.month) && in.literal(" ") &&
         ((in.literal(" ") && in.number(1, date.day)) || in.number(2, date.day)) &&
         in.literal(" ") && in.clock_time(date) && in.literal(" ") && in.number(4, date.year) &&
         in.at_end();
}

std::optional<wall_time> to_wall_time(const date_fields& date) {
  const std::chrono::year_month_day day{std::chrono::year{date.year},
                                        std::chrono::month{date.month}, std::chrono::day{date.day}};
  // 60 is a leap second.
  if (!day.ok() || date.hour > 23 || date.minute > 59 || date.second > 60)
    return std::nullopt;
  return wall_time{std::chrono::sys_days{day}} + std::chrono::hours{date.hour} +
         std::chrono::minutes{date.minute} + std::chrono::seconds{date.second};
}

duration read_seconds(std::string_view digits) {
  constexpr std::int64_t most =
      std::chrono::duration_cast<std::chrono::seconds>(max_retry_after).count();
  std::int64_t seconds = 0;
  for (const char c : digits)
    seconds = std::min(most, seconds * 10 + (c - '0'));
  return std::chrono::seconds{seconds};
}

}  // namespace

std::optional<wall_time> parse_http_date(std::string_view text, wall_time now) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  date_fields date;
  if (read_imf_fixdate(text, date) ||
      read_rfc850_date(text, static_cast<int>(today.year()), date) || read_asctime_date(text, date))
    return to_wall_time(date);
  return std::nullopt;
}

std::optional<duration> parse_retry_after(std::string_view value, wall_time now) {
  value = trim(value);
  if (!value.empty() && std::ranges::all_of(value, is_digit))
    return read_seconds(value);
  const auto date = parse_http_date(value, now);
  if (!date)
    return std::nullopt;
  // Milliseconds, because the nanoseconds of a far date would overflow.
  const auto wait = std::clamp<wall_time::duration>(
      *date - now, wall_time::duration::zero(),
      std::chrono::duration_cast<wall_time::duration>(max_retry_after));
  return wait;
}

}  // namespace canaryd::net
