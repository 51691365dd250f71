#include "canaryd/text/json_fields.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::text {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

class json_fields_test : public testing::Test {
 protected:
  json_fields fields(std::string_view text) {
    document = boost::json::parse(text);
    return json_fields{document.get_object(), "/part", problems};
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> found;
    for (const auto& problem : problems)
      found.push_back(problem.pointer + ": " + problem.message);
    return found;
  }

  boost::json::value document;
  problem_list problems;
};

TEST_F(json_fields_test, a_value_that_is_absent_or_refused_leaves_the_default) {
  auto in = fields(R"({"b": 11, "c": 7})");
  int a = 1;
  int b = 2;
  int c = 3;
  EXPECT_FALSE(in.read("a", a, whole_number(1, 10)));
  EXPECT_FALSE(in.read("b", b, whole_number(1, 10)));
  EXPECT_TRUE(in.read("c", c, whole_number(1, 10)));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  EXPECT_EQ(c, 7);
  EXPECT_THAT(lines(), ElementsAre("/part/b: found 11, allowed is a whole number from 1 to 10"));
}

TEST_F(json_fields_test, a_required_value_that_is_absent_is_a_problem) {
  auto in = fields("{}");
  double share = 0;
  EXPECT_FALSE(in.require("share", share, number_in({.min = 0, .max = 1})));
  EXPECT_FALSE(in.require_object("inner"));
  EXPECT_THAT(lines(), ElementsAre("/part/share: missing, required is a number from 0 to 1",
                                   "/part/inner: missing, required is an object"));
}

TEST_F(json_fields_test, pointers_lead_into_objects_and_arrays) {
  auto in = fields(R"({"a/b": {"x~y": 0}, "list": [1, "two", {"z": 0}], "none": [], "flat": 3})");
  bool flag = false;
  auto inner = in.object("a/b");
  ASSERT_TRUE(inner);
  inner->read("x~y", flag, boolean());
  std::vector<bool> flags{true};
  EXPECT_FALSE(in.read_list("list", flags, 1, 3, boolean()));
  EXPECT_THAT(flags, ElementsAre(true));
  const auto* list = in.array("list", 0, 3);
  ASSERT_NE(list, nullptr);
  EXPECT_FALSE(in.element("list", *list, 0));
  EXPECT_EQ(in.array("none", 1, 3), nullptr);
  EXPECT_FALSE(in.object("flat"));
  EXPECT_THAT(lines(), ElementsAre("/part/a~1b/x~0y: found 0, allowed is true or false",
                                   "/part/list/0: found 1, allowed is true or false",
                                   "/part/list/1: found \"two\", allowed is true or false",
                                   "/part/list/2: found an object, allowed is true or false",
                                   "/part/list/0: found 1, allowed is an object",
                                   "/part/none: found an array of 0, allowed is an array of 1 to 3 "
                                   "elements",
                                   "/part/flat: found 3, allowed is an object"));
}

TEST_F(json_fields_test, a_key_is_sound_until_a_problem_with_it_or_inside_it) {
  auto in = fields(R"({"a": {"b": 0}, "ab": 1})");
  EXPECT_TRUE(in.is_sound("a"));
  bool flag = false;
  in.object("a")->read("b", flag, boolean());
  EXPECT_FALSE(in.is_sound("a"));
  EXPECT_TRUE(in.is_sound("ab"));
}

TEST_F(json_fields_test, a_forbidden_key_has_its_own_message_and_is_never_suggested) {
  auto in = fields(R"({"password": 1, "passwort": 2})");
  in.find("user");
  in.forbid("password", "not here");
  in.refuse_unknown_keys();
  EXPECT_THAT(lines(), ElementsAre("/part/password: not here",
                                   "/part/passwort: unknown key, known are user"));
}

TEST_F(json_fields_test, null_may_stand_for_nothing) {
  auto in = fields(R"({"a": null, "b": "5s", "c": 1, "d": null})");
  const auto rule = nullable(duration_in(1s, 9s));
  std::optional<duration> found{1min};
  EXPECT_TRUE(in.read("a", found, rule));
  EXPECT_EQ(found, std::nullopt);
  EXPECT_TRUE(in.read("b", found, rule));
  EXPECT_EQ(found, 5s);
  EXPECT_FALSE(in.read("d", found, duration_in(1s, 9s)));
  EXPECT_EQ(found, 5s);
}

TEST_F(json_fields_test, values_are_shown_short_and_printable) {
  EXPECT_EQ(show_value(boost::json::parse("1e400")), "a number too large");
  EXPECT_EQ(show_value(1500.0), "1500");
  EXPECT_EQ(show_value("a\nb"), "\"a?b\"");
  EXPECT_EQ(show_value(boost::json::string(200, 'x')), '"' + std::string(100, 'x') + "…\"");
  EXPECT_EQ(show_value(nullptr), "null");
}

TEST(read_json_file, gives_what_was_read_only_without_problems) {
  const auto read = [](const boost::json::object& file, problem_list& problems) {
    json_fields in{file, "", problems};
    int a = 0;
    in.read("a", a, whole_number(1, 3));
    in.refuse_unknown_keys();
    return a;
  };
  EXPECT_EQ(read_json_file(R"({"a": 2})", 100, read), 2);
  EXPECT_THAT(read_json_file(R"({"a": 2, "a": 3})", 100, read).error(), SizeIs(1));
  EXPECT_THAT(read_json_file(R"({"a": 9, "b": 3})", 100, read).error(), SizeIs(2));
  EXPECT_THAT(read_json_file("[]", 100, read).error(),
              ElementsAre(problem{.pointer = "",
                                  .message = "found an array of 0, allowed is an object",
                                  .line = 1,
                                  .column = 1}));
}

}  // namespace
}  // namespace canaryd::text
