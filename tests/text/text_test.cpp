#include "canaryd/text/text.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace canaryd::text {
namespace {

using namespace std::string_view_literals;

TEST(text, utf8_of_every_length_is_valid) {
  for (const auto valid : {""sv, "a"sv, "\0"sv, "\x7F"sv, "\u0080"sv, "\u07FF"sv, "\u0800"sv,
                           "\uD7FF"sv, "\uE000"sv, "\uFFFF"sv, "\U00010000"sv, "\U0010FFFF"sv})
    EXPECT_TRUE(is_valid_utf8(valid)) << valid;
}

TEST(text, utf8_that_is_overlong_cut_a_surrogate_or_too_large_is_refused) {
  for (const auto broken :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC3"sv, "\xC3("sv, "\xE0\x9F\xBF"sv,
        "\xE2\x82"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x8F\xBF\xBF"sv, "\xF0\x9F\x98"sv,
        "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFE"sv, "\xFF"sv})
    EXPECT_FALSE(is_valid_utf8(broken));
  EXPECT_EQ(valid_utf8_prefix("ab\u00E4\xFFz"), 4U);
}

TEST(text, length_is_counted_in_code_points) {
  EXPECT_EQ(code_points(""), 0U);
  EXPECT_EQ(code_points("aä€😀"), 4U);
}

TEST(text, an_excerpt_replaces_what_is_not_printable) {
  EXPECT_EQ(printable_excerpt("a\nb\tc\x1B[31m\x7F\0d"sv, 100), "a?b?c?[31m??d");
  EXPECT_EQ(printable_excerpt("grün \xFF\xFE €", 100), "grün ?? €");
  EXPECT_EQ(printable_excerpt("\u0085\u2028\u202Eevil\u2066", 100), "???evil?");
  EXPECT_EQ(printable("\u061C\u200E\u200F\u2029\u009B31m€"), "?????31m€");
}

TEST(text, an_excerpt_is_cut_between_characters) {
  EXPECT_EQ(printable_excerpt("äöü", 3), "äöü");
  EXPECT_EQ(printable_excerpt("äöüß", 3), "äöü…");
  EXPECT_EQ(printable_excerpt("a", 0), "…");
  EXPECT_EQ(printable_excerpt("", 0), "");
}

TEST(text, the_nearest_word_is_named_only_where_it_is_near) {
  const std::vector<std::string> keys{"validation_interval", "validation_duration", "bot_id",
                                      "version", "labels"};
  EXPECT_EQ(nearest("validation_intervall", keys), "validation_interval");
  EXPECT_EQ(nearest("validationInterval", keys), "validation_interval");
  EXPECT_EQ(nearest("bot_di", keys), "bot_id");
  EXPECT_EQ(nearest("botid", keys), "bot_id");
  EXPECT_EQ(nearest("Version", keys), "version");
  EXPECT_EQ(nearest("label", keys), "labels");
  EXPECT_EQ(nearest("webhook", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'x'), keys), std::nullopt);
  EXPECT_EQ(nearest("bot_id", {}), std::nullopt);
}

struct misspelling {
  std::string word;
  std::optional<std::string> meant;
};

TEST(text, the_nearest_word_may_be_shorter_longer_or_the_one_that_has_it_as_a_part) {
  const std::vector<std::string> keys{"traffic_matrix", "max_traffic_percentage",
                                      "max_extension",  "validation_interval",
                                      "steps",          "approve_promotion",
                                      "gate_timeout",   "hold",
                                      "canary",         "bot_id"};
  const std::vector<misspelling> table{
      {"HOLD", "hold"},
      {"Steps", "steps"},
      {"BOTID", "bot_id"},
      {"approve", "approve_promotion"},
      {"aproval", "approve_promotion"},
      {"Approval", "approve_promotion"},
      {"hold_seconds", "hold"},
      {"canary_percent", "canary"},
      {"timeout", "gate_timeout"},
      {"max", "max_extension"},
      {"trafic", "traffic_matrix"},
      {"interval", "validation_interval"},
      {"intervall", "validation_interval"},
      {"id", std::nullopt},
      {"rate", std::nullopt},
      {"threshold", std::nullopt},
      {"description", std::nullopt},
      {"_", std::nullopt},
  };
  for (const auto& [word, meant] : table)
    EXPECT_EQ(nearest(word, keys), meant) << word;
}

TEST(text, numbers_are_written_as_people_write_them) {
  EXPECT_EQ(shortest_decimal(0.05), "0.05");
  EXPECT_EQ(shortest_decimal(1500.0), "1500");
  EXPECT_EQ(shortest_decimal(4.4), "4.4");
  EXPECT_EQ(shortest_decimal(0.0), "0");
  EXPECT_EQ(shortest_decimal(-2.5), "-2.5");
  EXPECT_EQ(shortest_decimal(100'000'000.0), "100000000");
  EXPECT_EQ(shortest_decimal(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest_decimal(0.0000001), "0.0000001");
  EXPECT_EQ(shortest_decimal(1e300), "1e+300");
  EXPECT_EQ(shortest_decimal(-1.25e-8), "-1.25e-08");
}

TEST(counted, one_is_one) {
  EXPECT_EQ(counted(1, "reading"), "1 reading");
  EXPECT_EQ(counted(0, "reading"), "0 readings");
  EXPECT_EQ(counted(15, "reading"), "15 readings");
}

}  // namespace
}  // namespace canaryd::text
