#include "odata_walk.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

namespace canaryd::metrics {
namespace {

// {"value":[{"id":"a"},…]} of the letters.
std::string page(std::string_view keys) {
  std::string records;
  for (const char key : keys)
    records += fmt::format(R"({}{{"id":"{}"}})", records.empty() ? "" : ",", key);
  return fmt::format(R"({{"value":[{}]}})", records);
}

class odata_walk_test : public testing::Test {
 protected:
  std::string seen;
  odata_walk walk{{.base_url = "https://odata.example.com/v2.4",
                   .collection = odata_collection::sessions,
                   .key = "id",
                   .endpoint_token = "tok",
                   .snapshot_id = "",
                   .from = {},
                   .to = wall_time{std::chrono::minutes{1}}},
                  [this](platform::json_answer& answer, const boost::json::object& record) {
                    seen += answer.text(record, {"id"});
                  }};
};

TEST_F(odata_walk_test, pages_are_asked_for_until_one_is_empty) {
  EXPECT_FALSE(walk.url().contains("id%20g"));
  EXPECT_EQ(walk.take_page(page("ab")), true);
  EXPECT_TRUE(walk.url().contains("id%20gt%20%27b%27"));
  EXPECT_EQ(walk.take_page(page("c")), true);
  EXPECT_TRUE(walk.url().contains("id%20gt%20%27c%27"));
  EXPECT_EQ(walk.take_page(page("")), false);
  EXPECT_EQ(seen, "abc");
}

TEST_F(odata_walk_test, a_page_that_repeats_is_an_error) {
  EXPECT_EQ(walk.take_page(page("ab")), true);
  const auto again = walk.take_page(page("ab"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), "the record a is there twice");
}

TEST_F(odata_walk_test, a_record_that_is_twice_in_a_page_is_an_error) {
  EXPECT_FALSE(walk.take_page(page("aa")));
}

TEST_F(odata_walk_test, records_out_of_order_are_an_error) {
  const auto taken = walk.take_page(page("ba"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error(), "the record a is not in the order of id");
}

TEST_F(odata_walk_test, a_500_past_the_last_record_is_the_end_if_the_last_record_still_answers) {
  EXPECT_EQ(walk.take_page(page("ab")), true);
  EXPECT_TRUE(walk.take_500());
  EXPECT_TRUE(walk.url().contains("id%20ge%20%27b%27"));
  EXPECT_EQ(walk.take_page(page("b")), false);
  EXPECT_EQ(seen, "ab");
}

TEST_F(odata_walk_test, a_500_in_the_middle_loses_no_record) {
  EXPECT_EQ(walk.take_page(page("ab")), true);
  EXPECT_TRUE(walk.take_500());
  EXPECT_EQ(walk.take_page(page("bcd")), true);
  EXPECT_TRUE(walk.url().contains("id%20gt%20%27d%27"));
  EXPECT_EQ(walk.take_page(page("")), false);
  EXPECT_EQ(seen, "abcd");
}

TEST_F(odata_walk_test, a_500_at_once_means_no_records_if_the_collection_answers) {
  EXPECT_TRUE(walk.take_500());
  EXPECT_FALSE(walk.url().contains("filter"));
  EXPECT_EQ(walk.take_page(page("x")), false);
  EXPECT_EQ(seen, "");
}

TEST_F(odata_walk_test, a_500_to_the_wider_question_too_is_an_error) {
  EXPECT_TRUE(walk.take_500());
  EXPECT_FALSE(walk.take_500());
}

TEST_F(odata_walk_test, a_500_to_the_wider_page_too_is_an_error) {
  EXPECT_EQ(walk.take_page(page("a")), true);
  EXPECT_TRUE(walk.take_500());
  EXPECT_FALSE(walk.take_500());
}

TEST_F(odata_walk_test, pages_have_a_bound) {
  parsed<bool> taken = true;
  std::size_t pages = 0;
  while (taken && *taken) {
    taken = walk.take_page(fmt::format(R"({{"value":[{{"id":"{:05}"}}]}})", pages));
    ASSERT_LE(++pages, odata_walk::most_pages);
  }
  ASSERT_FALSE(taken);
  EXPECT_TRUE(taken.error().starts_with("there are more than 200 pages"));
}

TEST_F(odata_walk_test, what_is_no_page_is_an_error) {
  for (const auto* body : {"", "<html>", "[]", "{}", R"({"value":null})", R"({"value":{}})",
                           R"({"error":{"code":1}})", R"({"value":[1]})", R"({"value":[{}]})",
                           R"({"value":[{"id":null}]})", R"({"value":[{"id":true}]})"})
    EXPECT_FALSE(walk.take_page(body)) << body;
}

TEST_F(odata_walk_test, a_wider_answer_that_is_no_page_is_an_error) {
  EXPECT_TRUE(walk.take_500());
  EXPECT_FALSE(walk.take_page(R"({"error":"down"})"));
}

}  // namespace
}  // namespace canaryd::metrics
