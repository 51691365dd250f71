#include "canaryd/metrics/text_template.hpp"

#include <gtest/gtest.h>

#include "sample_query.hpp"

namespace canaryd::metrics {
namespace {

std::string filled(const result<text_template>& made, const arm_query& asked = sample_query()) {
  if (!made)
    return "not parsed: " + made.error().text;
  const auto text = made->fill(asked);
  return text ? *text : "not filled: " + text.error().text;
}

std::string url(std::string_view text, const arm_query& asked = sample_query()) {
  return filled(parse_url_template(text), asked);
}

std::string promql(std::string_view text, const arm_query& asked = sample_query()) {
  return filled(parse_promql_template(text), asked);
}

arm_query with_bot(std::string bot) {
  auto asked = sample_query();
  asked.bot_id = std::move(bot);
  return asked;
}

TEST(text_template, every_placeholder_of_a_url_is_filled_in) {
  EXPECT_EQ(url("https://bi.example.com/{bot_id}/{environment_id}/{version}/{deployment_id}/{arm}"
                "?t={endpoint_token}&s={snapshot_id}&w={window}&from={from}&to={to}&n=1"),
            "https://bi.example.com/orders/prod/2.1.0/d-1/canary?t=tok&s=snap&w=15m"
            "&from=2026-01-01T00%3A00%3A00.000Z&to=2026-01-01T00%3A15%3A00.000Z&n=1");
  EXPECT_EQ(url("http://127.0.0.1:9/x"), "http://127.0.0.1:9/x");
}

TEST(text_template, a_value_stays_in_its_part_of_a_url) {
  const auto* const text = "https://bi.example.com/{bot_id}/x?bot={bot_id}";
  EXPECT_EQ(url(text, with_bot("a/b?c&d=e#f%g h")),
            "https://bi.example.com/a%2Fb%3Fc%26d%3De%23f%25g%20h/x"
            "?bot=a%2Fb%3Fc%26d%3De%23f%25g%20h");
  EXPECT_EQ(url("https://h.example/{bot_id}", with_bot("b\xC3\xBCro")),
            "https://h.example/b%C3%BCro");
}

TEST(text_template, a_value_cannot_be_a_folder_above) {
  EXPECT_TRUE(url("https://h.example/a/{bot_id}/b", with_bot("..")).starts_with("not filled"));
  EXPECT_TRUE(url("https://h.example/a/{bot_id}", with_bot(".")).starts_with("not filled"));
  EXPECT_TRUE(url("https://h.example/a/.{bot_id}?x", with_bot(".")).starts_with("not filled"));
  EXPECT_EQ(url("https://h.example/a?b={bot_id}", with_bot("..")), "https://h.example/a?b=..");
  EXPECT_EQ(url("https://h.example/a/v{bot_id}", with_bot("..")), "https://h.example/a/v..");
}

TEST(text_template, values_of_a_query_are_escaped_for_their_quotes) {
  const auto bot = with_bot(R"(a'b"c\d{e})");
  EXPECT_EQ(promql(R"(x{bot='{bot_id}'})", bot), R"(x{bot='a\'b"c\\d{e}'})");
  EXPECT_EQ(promql(R"(x{bot="{bot_id}"})", bot), R"(x{bot="a'b\"c\\d{e}"})");
}

TEST(text_template, a_value_in_a_regular_expression_matches_only_itself) {
  const auto bot = with_bot("a.b+c'");
  EXPECT_EQ(promql("x{bot=~'{bot_id}-.*'}", bot), R"(x{bot=~'a\\.b\\+c\'-.*'})");
  EXPECT_EQ(promql("x{bot !~ \"{bot_id}\"}", bot), R"(x{bot !~ "a\\.b\\+c'"})");
  EXPECT_EQ(promql("x{code=~'5[0-9]{2}',bot='{bot_id}'}", bot),
            R"(x{code=~'5[0-9]{2}',bot='a.b+c\''})");
}

TEST(text_template, the_query_of_the_reference_can_be_asked) {
  EXPECT_EQ(promql("sum(increase(bot_errors_total{bot='{bot_id}',arm='{arm}'}[{window}]))"),
            "sum(increase(bot_errors_total{bot='orders',arm='canary'}[15m]))");
}

TEST(text_template, outside_of_strings_only_times_may_stand) {
  auto asked = sample_query();
  asked.to = asked.from + std::chrono::milliseconds{5'400'250};
  EXPECT_EQ(promql("rate(x[{window}] @ {to})", asked), "rate(x[1h30m250ms] @ 1767231000.250)");
  EXPECT_EQ(promql("x @ {from}"), "x @ 1767225600.000");
  for (const auto* text : {"{bot_id}", "x{bot={bot_id}}", "x[{version}]", "{arm}_total"})
    EXPECT_TRUE(promql(text).contains("outside of a string")) << promql(text);
}

TEST(text_template, comments_and_raw_strings_of_a_query_stay_as_they_are) {
  EXPECT_EQ(promql("x # it's {bot_id}\n + y"), "x # it's {bot_id}\n + y");
  EXPECT_EQ(promql("x{c=~`5\\d{2}`}"), "x{c=~`5\\d{2}`}");
  EXPECT_TRUE(promql("x{c=`{bot_id}`}").contains("backquotes"));
}

TEST(text_template, unknown_placeholders_name_the_nearest) {
  EXPECT_EQ(url("https://h.example/{bot}"),
            "not parsed: {bot} is no placeholder; did you mean {bot_id}?");
  EXPECT_EQ(promql("x{a='{windw}'}"),
            "not parsed: {windw} is no placeholder; did you mean {window}?");
  EXPECT_TRUE(promql("x[{step}]").starts_with("not parsed: {step} is no placeholder"));
  EXPECT_TRUE(url("https://h.example/{}").starts_with("not parsed: {} is no placeholder"));
}

TEST(text_template, braces_must_be_closed) {
  for (const auto* text : {"https://h.example/{bot_id", "https://h.example/bot_id}"})
    EXPECT_TRUE(url(text).starts_with("not parsed")) << text;
  for (const auto* text : {"x{a='{bot_id'}", "x{a='b'", "x}", "x{a='b", "x{a='b}'}", "x{a=~'5{2'}",
                           "x{a=`b}", R"(x{a=~"5{2,{bot"id}"})"})
    EXPECT_TRUE(promql(text).starts_with("not parsed")) << text;
}

TEST(text_template, a_value_cannot_choose_the_server) {
  for (const auto* text : {"https://{bot_id}.example.com/x", "https://h.example:{version}/",
                           "{bot_id}://h.example/", "{bot_id}", "https://{arm}"})
    EXPECT_TRUE(url(text).starts_with("not parsed")) << text;
}

TEST(text_template, a_value_cannot_end_a_percent_escape) {
  for (const auto* text : {"https://h.example/%{arm}", "https://h.example/%2{arm}"})
    EXPECT_TRUE(url(text).contains("%XX")) << text;
  EXPECT_EQ(url("https://h.example/%2F{arm}"), "https://h.example/%2Fcanary");
}

TEST(text_template, a_url_must_be_one_that_can_be_asked) {
  for (const auto* text : {"ftp://h.example/", "http://h.example/{arm}", "https://h.example/#{arm}",
                           "https://user@h.example/", "https://h.example/a b", ""})
    EXPECT_TRUE(url(text).starts_with("not parsed")) << text;
}

TEST(text_template, without_a_value_nothing_is_asked) {
  auto asked = sample_query();
  asked.snapshot_id.clear();
  EXPECT_EQ(url("https://h.example/{snapshot_id}", asked),
            "not filled: there is no value for {snapshot_id}");
  EXPECT_EQ(promql("x{s='{snapshot_id}'}", asked),
            "not filled: there is no value for {snapshot_id}");
  EXPECT_EQ(promql("x{s='{bot_id}'}", asked), "x{s='orders'}");
}

TEST(text_template, a_value_cannot_be_escaped_by_what_stands_before_it) {
  EXPECT_TRUE(promql(R"(x{a='\{bot_id}'})").contains("backslash"));
  EXPECT_EQ(promql(R"(x{a='\\{bot_id}'})", with_bot("'")), R"(x{a='\\\''})");
}

TEST(text_template, values_that_cannot_be_shown_are_refused) {
  for (const auto* bot : {"a\nb", "a\x1B[m", "\xFF", "a\xE2\x80\xAE"})
    EXPECT_TRUE(promql("x{b='{bot_id}'}", with_bot(bot)).starts_with("not filled")) << bot;
}

TEST(text_template, an_empty_window_is_not_asked_for) {
  auto asked = sample_query();
  asked.to = asked.from;
  EXPECT_EQ(promql("x[{window}]", asked), "not filled: the window is empty");
}

}  // namespace
}  // namespace canaryd::metrics
