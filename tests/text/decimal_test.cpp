#include "canaryd/text/decimal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace canaryd::text {
namespace {

TEST(decimal, reads_the_nearest_double) {
  EXPECT_EQ(read_decimal("0.05"), 0.05);
  EXPECT_EQ(read_decimal("2000.0000000000002"), 2000.0000000000002);
  EXPECT_EQ(read_decimal("-12.5e+1"), -125.0);
  EXPECT_EQ(read_decimal("0"), 0.0);
  EXPECT_EQ(read_decimal("0.000"), 0.0);
  EXPECT_EQ(read_decimal("1E2"), 100.0);
}

TEST(decimal, says_on_which_side_of_it_further_digits_are) {
  EXPECT_EQ(read_decimal("0.05000000000000000001"), (decimal{0.05, 1}));
  EXPECT_EQ(read_decimal("0.04999999999999999999999"), (decimal{0.05, -1}));
  EXPECT_EQ(read_decimal("0.05000000000000000000"), (decimal{0.05, 0}));
  EXPECT_EQ(read_decimal("5000000000000000000e-20"), (decimal{0.05, 0}));
  EXPECT_EQ(read_decimal("-0.05000000000000000001"), (decimal{-0.05, -1}));
  EXPECT_EQ(read_decimal("9007199254740993"), (decimal{9007199254740992.0, 1}));
  EXPECT_EQ(read_decimal("0.1000000000000000055511151231257827"), (decimal{0.1, 1}));
}

TEST(decimal, is_infinite_or_zero_where_a_double_ends) {
  EXPECT_EQ(double{read_decimal("1e400")}, std::numeric_limits<double>::infinity());
  EXPECT_EQ(double{read_decimal("-1e99999999999999999999")},
            -std::numeric_limits<double>::infinity());
  EXPECT_EQ(read_decimal("1e-400"), (decimal{0.0, 1}));
  EXPECT_EQ(double{read_decimal("-1e-99999999999999999999")}, 0.0);
  EXPECT_EQ(read_decimal("5e-324"), 5e-324);
}

TEST(decimal, is_compared_by_its_double_and_then_by_its_digits) {
  EXPECT_GT(compare(0.06, 0.05), 0);
  EXPECT_LT(compare(decimal{0.05, 1}, 0.06), 0);
  EXPECT_GT(compare(decimal{0.05, 1}, 0.05), 0);
  EXPECT_LT(compare(decimal{0.05, -1}, 0.05), 0);
  EXPECT_EQ(compare(0.05, 0.05), 0);
  EXPECT_GT(compare(decimal{0.05, 1}, decimal{0.05, -1}), 0);
}

TEST(decimal, a_product_is_not_rounded) {
  EXPECT_EQ(compare_with_product(115.0, 1.15, 100.0), 0);
  EXPECT_EQ(compare_with_product(0.3, 3.0, 0.1), 0);
  EXPECT_LT(compare_with_product(0.3, 3.0, 0.10000000000000002), 0);
  EXPECT_GT(compare_with_product(std::nextafter(0.3, 1.0), 3.0, 0.1), 0);
  EXPECT_GT(compare_with_product(1e-300, 1e-300, 1e-20), 0);
  EXPECT_LT(compare_with_product(1e300, 1e300, 1e300), 0);
  EXPECT_EQ(compare_with_product(0.0, 2.0, 0.0), 0);
  EXPECT_GT(compare_with_product(5e-324, 2.0, 0.0), 0);
  EXPECT_LT(compare_with_product(0.0, 1.7976931348623157e308, 5e-324), 0);
}

TEST(decimal, a_gap_is_not_rounded) {
  EXPECT_EQ(compare_with_gap(3.9, 0.5, 4.4), 0);
  EXPECT_EQ(compare_with_gap(0.3, 0.5, 0.8), 0);
  EXPECT_LT(compare_with_gap(std::nextafter(3.9, 0.0), 0.5, 4.4), 0);
  EXPECT_GT(compare_with_gap(std::nextafter(3.9, 5.0), 0.5, 4.4), 0);
  EXPECT_GT(compare_with_gap(0.0, 0.5, 0.4), 0);
  EXPECT_EQ(compare_with_gap(0.0, 0.5, 0.5), 0);
  EXPECT_GT(compare_with_gap(5e-324, 0.5, 0.49999999999999994), 0);
  EXPECT_LT(compare_with_gap(5e-324, 0.5, 0.5000000000000001), 0);
}

}  // namespace
}  // namespace canaryd::text
