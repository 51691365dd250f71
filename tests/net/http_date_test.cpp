#include "canaryd/net/http_date.hpp"

#include <gtest/gtest.h>

namespace canaryd::net {
namespace {

using namespace std::chrono_literals;

// This is Sun, 06 Nov 1994 08:49:37 GMT.
constexpr wall_time then{784'111'777s};

TEST(http_date, the_three_formats_of_rfc_9110_are_read) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", then), then);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", then), then);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", then), then);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", then), then + 240h);
}

TEST(http_date, a_year_of_two_digits_is_at_most_fifty_years_ahead) {
  const auto year_of = [](std::string_view text, wall_time now) {
    const auto date = parse_http_date(text, now);
    return static_cast<int>(
        std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(*date)}.year());
  };
  const wall_time in_2026{1'780'000'000s};
  EXPECT_EQ(year_of("Monday, 01-Jan-26 00:00:00 GMT", in_2026), 2026);
  EXPECT_EQ(year_of("Monday, 01-Jan-76 00:00:00 GMT", in_2026), 2076);
  EXPECT_EQ(year_of("Monday, 01-Jan-77 00:00:00 GMT", in_2026), 1977);
  EXPECT_EQ(year_of("Monday, 01-Jan-30 00:00:00 GMT", then), 2030);
}

TEST(http_date, seconds_and_dates_say_how_long_to_wait) {
  const std::pair<std::string_view, duration> table[] = {
      {"0", 0s},
      {"120", 120s},
      {"  7\t", 7s},
      {"007", 7s},
      {"Sun, 06 Nov 1994 08:50:37 GMT", 60s},
      {"Sunday, 06-Nov-94 08:50:07 GMT", 30s},
      {"Sun Nov  6 08:49:38 1994", 1s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 0s},
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0s},
      {"86401", max_retry_after},
      {"99999999999999999999999", max_retry_after},
      {"Fri, 31 Dec 9999 23:59:59 GMT", max_retry_after},
      {"Sun, 06 Nov 0001 08:49:37 GMT", 0s},
  };
  for (const auto& [value, expected] : table)
    EXPECT_EQ(parse_retry_after(value, then), expected) << value;
}

TEST(http_date, rubbish_is_no_wait_at_all) {
  for (const std::string_view value : {"",
                                       " ",
                                       "-1",
                                       "+1",
                                       "1.5",
                                       "1e3",
                                       "0x10",
                                       "soon",
                                       "5 s",
                                       "1,2",
                                       "Sun, 06 Nov 1994 08:49:37",
                                       "Sun, 6 Nov 1994 08:49:37 GMT",
                                       "Sun, 06 Nov 1994 08:49:37 UTC",
                                       "Sun, 06 Nov 1994 08:49:37 GMT x",
                                       "Sun, 31 Feb 1994 08:49:37 GMT",
                                       "Sun, 00 Nov 1994 08:49:37 GMT",
                                       "Sun, 06 Nov 1994 24:00:00 GMT",
                                       "Sun, 06 Nov 1994 08:60:00 GMT",
                                       "Sun, 06 Nov 1994 08:49:61 GMT",
                                       "Sun, 06 Nox 1994 08:49:37 GMT",
                                       "Xyz, 06 Nov 1994 08:49:37 GMT",
                                       "sun, 06 nov 1994 08:49:37 gmt",
                                       "Sunday, 06-Nov-1994 08:49:37 GMT",
                                       "Sun Nov 6 08:49:37 1994",
                                       "06 Nov 1994 08:49:37 GMT"})
    EXPECT_EQ(parse_retry_after(value, then), std::nullopt) << value;
}

}  // namespace
}  // namespace canaryd::net
