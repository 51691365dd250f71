// Lists in one page or several, whatever shape they have.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/deployments/driver_fixture.hpp"

namespace canaryd::platform::deployments {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class lists_of_the_platform : public driver_test {
 protected:
  result<canary::deployment_list> find() {
    return time.await(api.find_deployments(where, priority::deploy));
  }
  std::vector<std::string> found_ids() {
    const auto found = find();
    std::vector<std::string> ids;
    if (!found)
      return {"error: " + found.error().text};
    for (const auto& each : found->items)
      ids.push_back(each.id);
    return ids;
  }
  std::vector<std::string> targets() const {
    std::vector<std::string> all;
    for (const auto& request : transport.requests)
      all.push_back(request.message.target.target);
    return all;
  }
  static scripted_answer one(std::string_view id, std::string_view next) {
    return answer(200, fmt::format(R"({{"items":[{{"deploymentId":"{}"}}],"next":{}}})", id, next));
  }
  static scripted_answer linked(std::string_view id, std::string link) {
    return answer(200, fmt::format(R"([{{"deploymentId":"{}"}}])", id), {},
                  {{"link", std::move(link)}});
  }
};

const std::string first = "/api/v1/deployments?botId=bot_1&environmentId=env_1";

TEST_F(lists_of_the_platform, may_be_nothing_at_all) {
  for (const auto& empty : {answer(204, ""), answer(200, ""), answer(200, "null"),
                            answer(200, R"({"items":null})"), answer(200, "[]")}) {
    transport.answers = {empty};
    EXPECT_THAT(found_ids(), ElementsAre());
  }
}

TEST_F(lists_of_the_platform, go_on_where_next_is_a_url_of_the_same_origin) {
  for (const auto* url :
       {"https://app.cognigy.ai/elsewhere?page=2", "https://APP.cognigy.ai:443/elsewhere?page=2",
        "/elsewhere?page=2", "//app.cognigy.ai/elsewhere?page=2"}) {
    transport.requests.clear();
    transport.answers = {one("a", fmt::format("\"{}\"", url)), one("b", "null")};
    EXPECT_THAT(found_ids(), ElementsAre("a", "b")) << url;
    EXPECT_THAT(targets(), ElementsAre(first, "/elsewhere?page=2")) << url;
    EXPECT_EQ(header_of(transport.requests.back().message, "Authorization"), "Bearer token-1");
  }
}

TEST_F(lists_of_the_platform, go_on_where_next_is_a_query_or_the_path_with_more) {
  transport.answers = {one("a", R"("?page=2")"), one("b", R"("/api/v1/deployments/more")"),
                       one("c", "null")};
  EXPECT_THAT(found_ids(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(targets(),
              ElementsAre(first, "/api/v1/deployments?page=2", "/api/v1/deployments/more"));
}

TEST_F(lists_of_the_platform, may_name_another_origin_in_a_query) {
  transport.answers = {one("a", R"("/x?from=http://y")"), one("b", R"("?z=http://y")"),
                       one("c", "null")};
  EXPECT_THAT(found_ids(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(targets(), ElementsAre(first, "/x?from=http://y", "/x?z=http://y"));
}

TEST_F(lists_of_the_platform, go_on_where_next_is_a_cursor) {
  transport.answers = {one("a", R"("/w8=&x")"), one("b", "17"), one("c", R"("")")};
  EXPECT_THAT(found_ids(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(targets(), ElementsAre(first, first + "&next=%2Fw8%3D%26x", first + "&next=17"));
}

TEST_F(lists_of_the_platform, go_on_where_a_link_header_says_so) {
  transport.answers = {
      linked("a", R"(</x>; rel="prev", <?page=2>; title="a, b; rel=next"; REL="last Next")"),
      linked("b", R"(<https://app.cognigy.ai/three#top>;rel=next)"),
      linked("c", R"(<?page=9>; rel="prev"; rel="next", <broken; rel=next)")};
  EXPECT_THAT(found_ids(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(targets(), ElementsAre(first, "/api/v1/deployments?page=2", "/three"));
}

TEST_F(lists_of_the_platform, never_take_the_token_to_another_origin) {
  for (const auto* url : {"https://evil.example/deployments?page=2", "//evil.example/x?page=2",
                          "http://app.cognigy.ai/x?page=2", "https://app.cognigy.ai:8443/x?page=2",
                          "https://app.cognigy.ai@evil.example/x?y", "https:///x?y", "?a b"}) {
    transport.requests.clear();
    transport.answers = {one("a", fmt::format("\"{}\"", url)), one("b", "null")};
    const auto found = find();
    ASSERT_FALSE(found) << url;
    EXPECT_EQ(found.error().kind, fault::malformed);
    EXPECT_EQ(transport.requests.size(), 1U) << url;
    transport.answers = {linked("a", fmt::format("<{}>; rel=next", url)), one("b", "null")};
    EXPECT_FALSE(find()) << url;
  }
}

TEST_F(lists_of_the_platform, have_failed_where_a_page_is_missing) {
  const std::pair<scripted_answer, fault> cases[] = {
      {answer(404), fault::malformed},
      {answer(403), fault::malformed},
      {answer(500), fault::try_again},
      {answer(200, "<html>"), fault::malformed},
      {answer(200, "{}"), fault::malformed},
      {failure(fault::lost), fault::lost},
      {failure(fault::unreachable), fault::unreachable}};
  for (const auto& [page, kind] : cases) {
    transport.answers = {one("a", R"("2")"), page};
    const auto found = find();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, kind) << found.error().text;
    EXPECT_THAT(found.error().text, HasSubstr("page 2"));
  }
}

TEST_F(lists_of_the_platform, have_failed_where_the_pages_go_round) {
  transport.answers = {one("a", R"("2")"), one("b", R"("3")"), one("c", R"("2")")};
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().text, HasSubstr("was read already"));
  EXPECT_EQ(transport.requests.size(), 3U);
  transport.answers = {one("a", "\"" + first + "\"")};
  EXPECT_FALSE(find());
}

TEST_F(lists_of_the_platform, have_a_hundred_pages_at_most) {
  int pages = 0;
  int last = 100;
  transport.reply_to = [&](const net::request&) {
    ++pages;
    return one(fmt::to_string(pages), pages < last ? fmt::to_string(pages) : "null");
  };
  EXPECT_EQ(found_ids().size(), 100U);
  pages = 0;
  last = 101;
  EXPECT_FALSE(find());
  EXPECT_EQ(pages, 100);
}

TEST_F(lists_of_the_platform, of_versions_and_webhooks_have_pages_too) {
  options.calls[call::versions].path = "/bots/{bot_id}/versions";
  api.reconfigure(options);
  transport.answers = {answer(200, R"({"items":["2.0.0",7],"next":"c"})"),
                       answer(200, R"(["2.1.0"])")};
  EXPECT_EQ(time.await(api.version_is_listed(where)).value(), true);
  transport.answers = {answer(200, R"({"items":[{"name":"a"}],"next":"c"})"),
                       answer(200, R"([{"name":"b"}])")};
  EXPECT_EQ(time.await(api.list_webhooks(where))->size(), 2U);
  transport.answers = {answer(200, R"({"items":["2.1.0"],"next":"c"})"), answer(404)};
  EXPECT_FALSE(time.await(api.version_is_listed(where)));
}

TEST_F(lists_of_the_platform, tell_once_of_what_is_passed_over) {
  std::vector<std::string> told;
  api.observe_oddities([&](const target& about, const std::string& text) {
    told.push_back(about.bot_id + ": " + text);
  });
  transport.answers = {answer(200, R"([{"deploymentId":"a"},{"version":3},null])")};
  for (int i = 0; i < 3; ++i) {
    const auto found = find();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->items.size(), 1U);
    EXPECT_EQ(found->unreadable.size(), 2U);
  }
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], HasSubstr("bot_1: find_deployments: 2 of 3 items"));
  EXPECT_THAT(told[0], HasSubstr("no deploymentId"));
  where.bot_id = "bot_2";
  EXPECT_TRUE(find());
  EXPECT_EQ(told.size(), 2U);
}

}  // namespace
}  // namespace canaryd::platform::deployments
