// The answers of other APIs: ids, lists and pages, and promotes that are only accepted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"

namespace canaryd::sim {
namespace {

using testing::HasSubstr;

world_options shaped(answer_shapes shapes) {
  world_options options;
  options.api.shapes = shapes;
  return options;
}

const std::string list_path = "/api/v1/deployments?botId=bot_a";

std::string link_of(const net::response& answer) {
  return std::string{net::find_header(answer.headers, "Link").value_or("")};
}

TEST(answer_shapes, ids_may_be_numbers) {
  world_options options;
  options.api.traffic.numeric_ids = true;
  client user{options};
  const auto answer = user.log_in().answer("POST", "/api/v1/bots/bot_a/deploy", deploy_body());
  EXPECT_THAT(answer.body, HasSubstr(R"("deploymentId":9007199254740993,)"));
  EXPECT_EQ(user.answer("GET", "/api/v1/deployments/9007199254740993").body, answer.body);
}

TEST(answer_shapes, an_empty_list_may_be_written_in_many_ways) {
  const std::pair<empty_shape, std::string> cases[] = {
      {empty_shape::list, R"({"items":[]})"},
      {empty_shape::null, "null"},
      {empty_shape::null_items, R"({"items":null})"},
      {empty_shape::no_body, ""},
      {empty_shape::no_content, ""}};
  for (const auto& [shape, body] : cases) {
    client user{shaped({.empty_lists = shape})};
    const auto answer = user.log_in().answer("GET", list_path);
    EXPECT_EQ(answer.body, body);
    EXPECT_EQ(answer.status, shape == empty_shape::no_content ? 204 : 200);
  }
  client user{shaped({.lists = list_shape::bare})};
  EXPECT_EQ(user.log_in().answer("GET", list_path).body, "[]");
}

TEST(answer_shapes, a_list_may_have_items_that_are_none) {
  client user{shaped({.lists = list_shape::bare, .odd_items = true})};
  EXPECT_EQ(user.log_in().answer("GET", list_path).body,
            R"([{"status":"rolled_back"},{"version":7}])");
}

TEST(answer_shapes, a_list_may_come_in_pages_with_a_url_a_cursor_or_a_link) {
  for (const auto pages : {page_shape::url, page_shape::cursor, page_shape::link}) {
    client user{shaped({.page_size = 2, .pages = pages})};
    user.log_in();
    for (const auto* version : {"1", "2", "3"})
      user.deploy(version);
    const auto first = user.answer("GET", list_path);
    EXPECT_THAT(first.body, HasSubstr("dep-2"));
    EXPECT_THAT(first.body, testing::Not(HasSubstr("dep-3")));
    std::string next = "/api/v1/deployments?offset=2&botId=bot_a";
    if (pages == page_shape::url)
      EXPECT_THAT(first.body, HasSubstr(R"("next":"https://sim)" + next + "\""));
    else if (pages == page_shape::link)
      EXPECT_EQ(link_of(first), "<https://sim" + next + R"(>; rel="next")");
    else
      EXPECT_THAT(first.body, HasSubstr(R"("next":"2")"));
    if (pages == page_shape::cursor)
      next = list_path + "&next=2";
    const auto second = user.answer("GET", next);
    EXPECT_THAT(second.body, HasSubstr("dep-3"));
    EXPECT_THAT(second.body, testing::Not(HasSubstr("dep-1")));
    EXPECT_THAT(second.body, testing::Not(HasSubstr("next")));
    EXPECT_EQ(link_of(second), "");
  }
}

TEST(answer_shapes, a_bare_list_names_the_next_page_in_a_link) {
  client user{shaped({.lists = list_shape::bare, .page_size = 1, .pages = page_shape::cursor})};
  user.log_in();
  user.deploy("1");
  user.deploy("2");
  EXPECT_THAT(link_of(user.answer("GET", list_path)), HasSubstr("offset=1"));
}

TEST(answer_shapes, a_promote_may_be_accepted_and_done_later) {
  world_options options;
  options.api.promote_delay = 8s;
  client user{options};
  user.log_in();
  const auto id = user.deploy();
  EXPECT_EQ(user.answer("POST", "/api/v1/deployments/" + id + "/promote", promote_body).status,
            202);
  user.wait(7s);
  EXPECT_THAT(user.answer("GET", "/api/v1/deployments/" + id).body, HasSubstr(R"("active")"));
  user.wait(1s);
  EXPECT_THAT(user.answer("GET", "/api/v1/deployments/" + id).body, HasSubstr(R"("promoted")"));
  EXPECT_EQ(user.answer("POST", "/api/v1/deployments/" + id + "/promote", promote_body).status,
            200);
}

TEST(answer_shapes, a_promote_that_was_accepted_is_not_done_after_a_rollback_or_ever) {
  world_options options;
  options.api.promote_delay = 8s;
  client user{options};
  user.log_in();
  const auto id = user.deploy();
  user.answer("POST", "/api/v1/deployments/" + id + "/promote", promote_body);
  user.answer("POST", "/api/v1/deployments/" + id + "/rollback", rollback_body);
  user.wait(1min);
  EXPECT_THAT(user.answer("GET", "/api/v1/deployments/" + id).body, HasSubstr(R"("rolled_back")"));
  options.api.promote_delay = duration::max();
  client other{options};
  other.log_in();
  const auto kept = other.deploy();
  other.answer("POST", "/api/v1/deployments/" + kept + "/promote", promote_body);
  other.wait(50min);
  EXPECT_THAT(other.answer("GET", "/api/v1/deployments/" + kept).body, HasSubstr(R"("active")"));
  // A client that deploys now cannot know that the first deployment is still active.
  other.deploy("3.0");
  EXPECT_TRUE(other.played.violations().empty());
}

}  // namespace
}  // namespace canaryd::sim
