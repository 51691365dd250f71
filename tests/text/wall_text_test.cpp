#include "canaryd/text/wall_text.hpp"

#include <gtest/gtest.h>

namespace canaryd::text {
namespace {

using namespace std::chrono;

const wall_time example = sys_days{2026y / March / 1d} + 9h + 30min + 250ms;

TEST(wall_text, writes_utc_with_milliseconds) {
  EXPECT_EQ(format_wall_time(example), "2026-03-01T09:30:00.250Z");
  EXPECT_EQ(format_wall_time(wall_time{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_wall_time(wall_time{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(wall_text, reads_back_what_it_wrote) {
  for (const auto time :
       {example, wall_time{}, wall_time{-1ms}, wall_time{sys_days{2024y / February / 29d}}})
    EXPECT_EQ(parse_wall_time(format_wall_time(time)), time);
}

TEST(wall_text, reads_any_number_of_decimals_and_cuts_after_the_third) {
  EXPECT_EQ(parse_wall_time("2026-03-01T09:30:00Z"), example - 250ms);
  EXPECT_EQ(parse_wall_time("2026-03-01T09:30:00.2Z"), example - 50ms);
  EXPECT_EQ(parse_wall_time("2026-03-01T09:30:00.250999999Z"), example);
}

TEST(wall_text, refuses_what_is_no_time_in_utc) {
  for (const auto* text :
       {"", "2026-03-01", "2026-03-01T09:30:00", "2026-03-01 09:30:00Z", "2026-03-01T09:30Z",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-03-32T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T09:60:00Z",
        "2026-03-01T09:30:60Z", "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00.1234567890Z",
        "2026-03-01T09:30:00+00:00", "2026-03-01T09:30:00ZZ", "+026-03-01T09:30:00Z",
        "26-03-01T09:30:00Z", "2026-3-1T9:30:0Z"})
    EXPECT_EQ(parse_wall_time(text), std::nullopt) << text;
}

}  // namespace
}  // namespace canaryd::text
