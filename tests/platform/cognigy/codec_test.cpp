#include "canaryd/platform/cognigy/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace canaryd::platform::cognigy {
namespace {

using testing::HasSubstr;

constexpr std::string_view one = "0123456789abcdef01234567";
constexpr std::string_view other = "ABCDEF0123456789ABCDEF01";

TEST(object_id, is_24_hexadecimal_digits) {
  EXPECT_TRUE(is_object_id(one));
  EXPECT_TRUE(is_object_id(other));
  for (const auto* text :
       {"", "0123456789abcdef0123456", "0123456789abcdef012345678", "0123456789abcdef0123456g",
        "0123456789abcdef/1234567", "../../../../projects/123", "0123456789abcdef 1234567"})
    EXPECT_FALSE(is_object_id(text)) << text;
}

TEST(deployment_key, is_endpoint_and_snapshot) {
  const deployment_key key{.canary_endpoint = std::string{one}, .snapshot = std::string{other}};
  EXPECT_EQ(to_text(key), "0123456789abcdef01234567:ABCDEF0123456789ABCDEF01");
  EXPECT_EQ(parse_deployment_key(to_text(key)), key);
  for (const auto* text :
       {"", ":", "d-1", "0123456789abcdef01234567",
        "0123456789abcdef01234567:", ":0123456789abcdef01234567", "0123456789abcdef01234567:x",
        "0123456789abcdef01234567::", "0123456789abcdef01234567:0123456789abcdef01234567:"})
    EXPECT_FALSE(parse_deployment_key(text)) << text;
}

TEST(list, has_items_a_total_and_a_cursor) {
  const auto page = parse_list(
      R"({"items":[{"_id":"0123456789abcdef01234567","name":"2.0","hash":"h","isPackaged":false},)"
      R"({"referenceId":"f-1","name":"Main","extra":[1]}],"total":7,"nextCursor":"c/1"})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items, (std::vector<listed_item>{{.id = std::string{one}, .name = "2.0"},
                                                   {.reference_id = "f-1", .name = "Main"}}));
  EXPECT_EQ(page->total, 7);
  EXPECT_EQ(page->next_cursor, "c/1");
  EXPECT_FALSE(page->has_next_link);
}

TEST(list, may_be_a_bare_array_or_empty) {
  EXPECT_EQ(parse_list(R"([{"_id":"0123456789abcdef01234567"}])")->items.size(), 1U);
  EXPECT_EQ(parse_list(R"({"items":[],"total":0,"nextCursor":null})")->items.size(), 0U);
  EXPECT_EQ(parse_list(R"({"items":null})"), list_page{});
}

TEST(list, may_be_in_hal_form) {
  const auto page =
      parse_list(R"({"_embedded":{"snapshots":[{"_id":"0123456789abcdef01234567","name":"2.0"}]},)"
                 R"("_links":{"self":{"href":"/x"},"next":{"href":"/x?skip=1"}},"total":2})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items, (std::vector<listed_item>{{.id = std::string{one}, .name = "2.0"}}));
  EXPECT_TRUE(page->has_next_link);
  EXPECT_EQ(page->total, 2);
}

TEST(list, with_a_name_that_cannot_be_shown_has_an_item_without_one) {
  const auto page = parse_list(R"([{"_id":"0123456789abcdef01234567","name":"\u001b[2J"},)"
                               R"({"_id":"0123456789abcdef01234567","name":5}])");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items[0].name, "");
  EXPECT_EQ(page->items[1].name, "");
}

TEST(list, that_cannot_be_read_is_no_list) {
  for (const auto* body : {"", "x", "<html>", "5", "{}", R"({"items":5})", R"({"items":[5]})",
                           R"({"items":[{"_id":"../x"}]})", R"({"items":[],"total":-1})",
                           R"({"items":[],"total":"7"})", R"({"items":[],"nextCursor":{}})",
                           R"({"items":[],"items":[]})", R"({"_embedded":{"x":5}})"})
    EXPECT_FALSE(parse_list(body)) << body;
}

constexpr std::string_view whole_endpoint =
    R"({"_id":"0123456789abcdef01234567","projectId":"ABCDEF0123456789ABCDEF01","name":"Orders",)"
    R"("channel":"rest","URLToken":"t0ken","flowId":"f-1","localeId":"l-1",)"
    R"("entrypoint":"ABCDEF0123456789ABCDEF01","active":true,"useAnalytics":true,)"
    R"("lastChanged":1700000000,"lastChangedBy":"ann@example.com"})";

TEST(endpoint_answer, is_read) {
  EXPECT_EQ(parse_endpoint(whole_endpoint), (endpoint{.id = std::string{one},
                                                      .project_id = std::string{other},
                                                      .name = "Orders",
                                                      .channel = "rest",
                                                      .url_token = "t0ken",
                                                      .flow_id = "f-1",
                                                      .locale_id = "l-1",
                                                      .entrypoint = std::string{other},
                                                      .active = true,
                                                      .use_analytics = true,
                                                      .last_changed = "1700000000",
                                                      .last_changed_by = "ann@example.com"}));
}

TEST(endpoint_answer, that_does_not_say_so_is_neither_active_nor_with_analytics) {
  const auto found =
      parse_endpoint(R"({"_id":"0123456789abcdef01234567","entrypoint":"ABCDEF0123456789ABCDEF01",)"
                     R"("active":null})");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->active);
  EXPECT_FALSE(found->use_analytics);
}

TEST(endpoint_answer, that_cannot_be_read_is_no_endpoint) {
  for (
      const auto* body :
      {"", "[]", "{}", R"({"_id":"0123456789abcdef01234567"})",
       R"({"entrypoint":"0123456789abcdef01234567"})",
       R"({"_id":"x","entrypoint":"0123456789abcdef01234567"})",
       R"({"_id":"0123456789abcdef01234567","entrypoint":"../x"})",
       R"({"_id":"0123456789abcdef01234567","entrypoint":"0123456789abcdef01234567","active":1})",
       R"({"_id":"0123456789abcdef01234567","entrypoint":"0123456789abcdef01234567","URLToken":[]})"})
    EXPECT_FALSE(parse_endpoint(body)) << body;
}

TEST(aim, is_sent_with_all_three_fields) {
  EXPECT_EQ(aim_body({.entrypoint = std::string{one}, .flow_id = "f\"1", .locale_id = "l-1"}),
            R"({"entrypoint":"0123456789abcdef01234567","flowId":"f\"1","localeId":"l-1"})");
  EXPECT_EQ(aim_of(*parse_endpoint(whole_endpoint)),
            (endpoint_aim{.entrypoint = std::string{other}, .flow_id = "f-1", .locale_id = "l-1"}));
}

TEST(problem, has_its_code_and_its_trace_where_they_are_told) {
  const auto told = parse_problem(R"({"type":"x","code":1004,"traceId":"api-1"})");
  EXPECT_EQ(told.code, "1004");
  EXPECT_EQ(told.trace_id, "api-1");
  for (const auto* body : {"", "<html>", "[]", "{}", R"({"code":[],"traceId":{}})"}) {
    EXPECT_EQ(parse_problem(body).code, "") << body;
    EXPECT_EQ(parse_problem(body).trace_id, "") << body;
  }
}

}  // namespace
}  // namespace canaryd::platform::cognigy
