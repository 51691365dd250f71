// Written decimal numbers that can be compared to the last digit (reference: "Readings").
#pragma once

#include <cstdint>
#include <string_view>

namespace canaryd::text {

// A written number: the double nearest to it, and whether the number is greater or less than that
// double's shortest decimal because a double cannot hold all of its digits. A plain double stands
// for its shortest decimal: 0.05 is 0.05, and not 0.05000000000000000277.
class decimal {
 public:
  constexpr decimal() = default;
  constexpr decimal(double nearest) : nearest_{nearest} {}
  constexpr decimal(double nearest, std::int8_t beyond) : nearest_{nearest}, beyond_{beyond} {}

  constexpr operator double() const { return nearest_; }
  // -1, 0 or 1: the number is less than, equal to, or greater than the double's shortest decimal.
  constexpr std::int8_t beyond() const { return beyond_; }

  friend constexpr bool operator==(const decimal&, const decimal&) = default;
  friend constexpr bool operator==(const decimal& left, double right) {
    return left == decimal{right};
  }

 private:
  double nearest_ = 0.0;
  std::int8_t beyond_ = 0;
};

// Reads a number in JSON syntax, which is required. A number too large for a double becomes
// infinite, and one too small becomes 0.
decimal read_decimal(std::string_view written);

// The sign of `left` - `right`. Two numbers count as equal if they have the same nearest double and
// lie on the same side of it.
int compare(const decimal& left, const decimal& right);

// The exact signs of `value` - `factor` * `other` and of `value` + `gap` - `other`, without the
// rounding of doubles. Requires finite numbers of at least 0.
int compare_with_product(const decimal& value, double factor, const decimal& other);
int compare_with_gap(const decimal& value, double gap, const decimal& other);

}  // namespace canaryd::text
