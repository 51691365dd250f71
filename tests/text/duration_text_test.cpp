#include "canaryd/text/duration_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace canaryd::text {
namespace {

using namespace std::chrono_literals;

TEST(duration_text, reads_every_unit_and_their_sums) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms"), 26h + 3min + 4s + 5ms);
  EXPECT_EQ(parse_duration("1m5ms"), 1min + 5ms);
  EXPECT_EQ(parse_duration("90m"), 90min);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("007s"), 7s);
}

TEST(duration_text, refuses_everything_else) {
  for (const auto* text : {"",     " ",     "30",   "s",    "ms",  "30 s",  " 30s",  "30s ",
                           "-30s", "+30s",  "1.5s", "1,5s", "30S", "30sec", "30min", "1m1h",
                           "1s1s", "1ms1s", "1h30", "1y",   "1us", "0x10s", "١s"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(duration_text, refuses_what_is_too_long_to_mean_anything) {
  EXPECT_EQ(parse_duration("36500d"), max_duration);
  EXPECT_EQ(parse_duration("36500d1ms"), std::nullopt);
  EXPECT_EQ(parse_duration("36501d"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999d"), std::nullopt);
  EXPECT_EQ(parse_duration("18446744073709551615ms"), std::nullopt);
}

TEST(duration_text, reads_seconds_to_the_millisecond) {
  EXPECT_EQ(duration_from_seconds(30), 30s);
  EXPECT_EQ(duration_from_seconds(0.25), 250ms);
  EXPECT_EQ(duration_from_seconds(1.001), 1001ms);
  EXPECT_EQ(duration_from_seconds(0.0004), 0ms);
  EXPECT_EQ(duration_from_seconds(0), 0s);
  EXPECT_EQ(duration_from_seconds(-0.001), std::nullopt);
  EXPECT_EQ(duration_from_seconds(1e300), std::nullopt);
  EXPECT_EQ(duration_from_seconds(std::numeric_limits<double>::infinity()), std::nullopt);
  EXPECT_EQ(duration_from_seconds(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
}

TEST(duration_text, writes_the_largest_units_first) {
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(48h), "2d");
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(500us), "0s");
  EXPECT_EQ(format_duration(-90s), "-1m30s");
}

TEST(duration_text, reads_back_what_it_wrote) {
  for (const duration length : {duration{1ms}, duration{59'999ms}, duration{61s}, duration{25h},
                                duration{max_job_duration}, duration{max_duration}})
    EXPECT_EQ(parse_duration(format_duration(length)), length);
}

}  // namespace
}  // namespace canaryd::text
