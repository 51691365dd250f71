#include "canaryd/judge/odds_text.hpp"

#include <gtest/gtest.h>

namespace canaryd::judge {
namespace {

TEST(odds_text, odds_have_few_digits_however_high_they_are) {
  EXPECT_EQ(short_odds_text(0.001, 40), "0.001/40");
  EXPECT_EQ(short_odds_text(3.125, 40), "3.1/40");
  EXPECT_EQ(short_odds_text(123.4, 40), "123/40");
  EXPECT_EQ(short_odds_text(1000, 40), "1000/40");
  EXPECT_EQ(short_odds_text(1000.6, 133.333), ">1000/133");
  EXPECT_EQ(short_odds_text(1e300, 40), ">1000/40");
}

TEST(odds_text, odds_up_to_what_is_needed_are_shown_in_full) {
  EXPECT_EQ(short_odds_text(1500, 6000), "1500/6000");
  EXPECT_EQ(short_odds_text(1e300, 6000), ">6000/6000");
}

TEST(odds_text, odds_are_part_of_a_sentence) {
  EXPECT_EQ(long_odds_text(3.125, 40), "3.1, and 40 are needed");
  EXPECT_EQ(long_odds_text(1e300, 40), "over 1000, and 40 are needed");
}

}  // namespace
}  // namespace canaryd::judge
