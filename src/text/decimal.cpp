#include "canaryd/text/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace canaryd::text {
namespace {

// The number 0.<digits> * 10^exponent. `digits` has no zeros at either end; empty means 0.
struct scientific {
  bool is_negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

// Beyond any double, and far from the ends of its type.
constexpr std::int64_t farthest_exponent = 1'000'000'000;

std::int64_t read_exponent(std::string_view text) {
  if (text.starts_with('+'))
    text.remove_prefix(1);
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range)
    return text.starts_with('-') ? -farthest_exponent : farthest_exponent;
  return std::clamp(value, -farthest_exponent, farthest_exponent);
}

scientific read_scientific(std::string_view written) {
  scientific read;
  read.is_negative = written.starts_with('-');
  if (read.is_negative)
    written.remove_prefix(1);
  const auto mantissa = written.substr(0, written.find_first_of("eE"));
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  read.exponent = static_cast<std::int64_t>(point);
  if (mantissa.size() < written.size())
    read.exponent += read_exponent(written.substr(mantissa.size() + 1));
  read.digits = mantissa.substr(0, point);
  if (point < mantissa.size())
    read.digits += mantissa.substr(point + 1);
  const auto first = std::min(read.digits.find_first_not_of('0'), read.digits.size());
  read.exponent -= static_cast<std::int64_t>(first);
  read.digits.erase(0, first);
  read.digits.resize(read.digits.find_last_not_of('0') + 1);
  return read;
}

// Digits without zeros at the end can be compared as text.
int compare_sizes(const scientific& left, const scientific& right) {
  if (left.digits.empty() || right.digits.empty())
    return (left.digits.empty() ? 0 : 1) - (right.digits.empty() ? 0 : 1);
  if (left.exponent != right.exponent)
    return left.exponent < right.exponent ? -1 : 1;
  const int order = left.digits.compare(right.digits);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

scientific shortest(double value) {
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific).ptr;
  return read_scientific({buffer.begin(), end});
}

double nearest_double(std::string_view written, const scientific& read) {
  double value = 0.0;
  const auto parsed = std::from_chars(written.data(), written.data() + written.size(), value);
  if (parsed.ec != std::errc::result_out_of_range)
    return value;
  const double size = read.exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return read.is_negative ? -size : size;
}

// The number digits * 10^exponent: a sum or product of two shortest decimals. 35 digits fit.
struct exact {
  unsigned __int128 digits = 0;
  int exponent = 0;
};

exact exactly(double value) {
  const auto read = shortest(value);
  exact made;
  for (const char digit : read.digits)
    made.digits = made.digits * 10 + static_cast<unsigned>(digit - '0');
  if (made.digits != 0)
    made.exponent = static_cast<int>(read.exponent) - static_cast<int>(read.digits.size());
  return made;
}

int count_digits(unsigned __int128 number) {
  int count = 0;
  for (; number != 0; number /= 10)
    ++count;
  return count;
}

unsigned __int128 with_zeros(unsigned __int128 number, int zeros) {
  for (; zeros > 0; --zeros)
    number *= 10;
  return number;
}

int compare_exactly(const exact& left, const exact& right) {
  if (left.digits == 0 || right.digits == 0)
    return (left.digits == 0 ? 0 : 1) - (right.digits == 0 ? 0 : 1);
  const int left_digits = count_digits(left.digits);
  const int right_digits = count_digits(right.digits);
  if (left_digits + left.exponent != right_digits + right.exponent)
    return left_digits + left.exponent < right_digits + right.exponent ? -1 : 1;
  const auto one = with_zeros(left.digits, right_digits - left_digits);
  const auto other = with_zeros(right.digits, left_digits - right_digits);
  return one < other ? -1 : one > other ? 1 : 0;
}

// Leaves out the digits of the smaller number that do not fit. They are too small to change a
// comparison with any double near the sum.
exact sum(exact left, exact right) {
  if (left.digits == 0 || right.digits == 0)
    return left.digits == 0 ? right : left;
  if (left.exponent < right.exponent)
    std::swap(left, right);
  constexpr int most_digits = 36;
  const int room = most_digits - count_digits(left.digits);
  for (; right.exponent < left.exponent - room; ++right.exponent)
    right.digits /= 10;
  return {with_zeros(left.digits, left.exponent - right.exponent) + right.digits, right.exponent};
}

int sign(int value) {
  return value < 0 ? -1 : value > 0 ? 1 : 0;
}

}  // namespace

decimal read_decimal(std::string_view written) {
  const auto read = read_scientific(written);
  const double nearest = nearest_double(written, read);
  // A double gives so many digits back unchanged.
  constexpr std::size_t safe_digits = std::numeric_limits<double>::digits10;
  if (!std::isfinite(nearest) || (read.digits.size() <= safe_digits && nearest != 0.0))
    return nearest;
  const int larger = compare_sizes(read, shortest(nearest));
  return {nearest, static_cast<std::int8_t>(read.is_negative ? -larger : larger)};
}

int compare(const decimal& left, const decimal& right) {
  if (double{left} != double{right})
    return double{left} < double{right} ? -1 : 1;
  return sign(left.beyond() - right.beyond());
}

int compare_with_product(const decimal& value, double factor, const decimal& other) {
  const auto one = exactly(factor);
  const auto two = exactly(other);
  const int order =
      compare_exactly(exactly(value), {one.digits * two.digits, one.exponent + two.exponent});
  return order != 0 ? order : sign(value.beyond() - other.beyond());
}

int compare_with_gap(const decimal& value, double gap, const decimal& other) {
  const int order = compare_exactly(sum(exactly(value), exactly(gap)), exactly(other));
  return order != 0 ? order : sign(value.beyond() - other.beyond());
}

}  // namespace canaryd::text
