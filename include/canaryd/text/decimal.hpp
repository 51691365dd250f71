// Numbers as somebody wrote them, so that they can be compared to the last digit
// (reference: "Readings").
#pragma once

#include <cstdint>
#include <string_view>

namespace canaryd::text {

// A written number: the double nearest to it, and whether the digits that a double cannot hold make
// it greater or less than that double's shortest decimal. A double alone is the number that its
// shortest decimal writes: 0.05 is 0.05, and not 0.05000000000000000277.
class decimal {
 public:
  constexpr decimal() = default;
  constexpr decimal(double nearest) : nearest_{nearest} {}
  constexpr decimal(double nearest, std::int8_t beyond) : nearest_{nearest}, beyond_{beyond} {}

  constexpr operator double() const { return nearest_; }
  // -1, 0 or 1: less than, exactly, or greater than the double's shortest decimal.
  constexpr std::int8_t beyond() const { return beyond_; }

  friend constexpr bool operator==(const decimal&, const decimal&) = default;
  friend constexpr bool operator==(const decimal& left, double right) {
    return left == decimal{right};
  }

 private:
  double nearest_ = 0.0;
  std::int8_t beyond_ = 0;
};

// A number as JSON writes it. Too large for a double: infinite; too small: 0. Requires that syntax.
decimal read_decimal(std::string_view written);

// The sign of `left` - `right`. Two numbers with the same double that are both beyond it on the
// same side count as equal.
int compare(const decimal& left, const decimal& right);

// The sign of `value` - `factor` * `other`, and of `value` + `gap` - `other`: exactly, and not as
// doubles would round them. Requires finite numbers of at least 0.
int compare_with_product(const decimal& value, double factor, const decimal& other);
int compare_with_gap(const decimal& value, double gap, const decimal& other);

}  // namespace canaryd::text
