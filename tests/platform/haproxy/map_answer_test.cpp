// The answers are those of HAProxy 2.6.12, and what a hostile one could make of them.
#include "canaryd/platform/haproxy/map_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace canaryd::platform {
namespace {

using testing::HasSubstr;

std::string line_of(std::string_view value, std::string_view key = "orders") {
  return "type=str, case=sensitive, found=yes, idx=tree, key=\"" + std::string{key} +
         "\", value=\"" + std::string{value} + "\", type=\"sint\"\n";
}

std::string answer_of(std::string_view value) {
  return line_of(value) + "\n";
}

fault map_fault_of(const std::string& answer) {
  const auto read = read_map_value(answer, "orders");
  EXPECT_FALSE(read) << answer.substr(0, 200);
  return read ? fault::system : read.error().kind;
}

TEST(map_value, a_share_is_read_from_its_bounds_inward) {
  for (const auto& [written, share] :
       {std::pair{"0", 0}, {"1", 1}, {"500", 500}, {"9999", 9999}, {"10000", 10'000}})
    EXPECT_EQ(read_map_value(answer_of(written), "orders").value_or(-1), share);
}

TEST(map_value, whatever_is_no_share_is_malformed) {
  for (const auto* value : {"-4", "-0", "+5", "10001", "99999999999", "99999999999999999999999",
                            "5x", "", " 5", "5 ", "0x10", "5.0", "1e3"})
    EXPECT_EQ(map_fault_of(answer_of(value)), fault::malformed) << value;
  EXPECT_EQ(map_fault_of(answer_of(std::string_view{"5\0", 2})), fault::malformed);
  EXPECT_EQ(map_fault_of(answer_of(std::string(1'000'000, '9'))), fault::malformed);
}

TEST(map_value, what_does_not_exist_is_refused) {
  EXPECT_EQ(map_fault_of("type=str, case=sensitive, found=no\n\n"), fault::refused);
  EXPECT_EQ(map_fault_of("Unknown map identifier. Please use #<id> or <file>.\n\n"),
            fault::refused);
  EXPECT_EQ(map_fault_of("Permission denied\n\n"), fault::refused);
}

TEST(map_value, an_answer_that_is_cut_off_at_any_byte_is_lost) {
  const auto whole = answer_of("500");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(map_fault_of(whole.substr(0, size)), fault::lost) << size;
}

TEST(map_value, the_value_of_another_key_is_malformed) {
  EXPECT_EQ(map_fault_of(line_of("500", "orders2") + "\n"), fault::malformed);
}

TEST(map_value, several_uses_of_the_map_must_agree) {
  EXPECT_EQ(read_map_value(line_of("5") + line_of("5") + "\n", "orders").value_or(-1), 5);
  EXPECT_EQ(map_fault_of(line_of("5") + line_of("6") + "\n"), fault::malformed);
  EXPECT_EQ(map_fault_of(line_of("5") + line_of("-6") + "\n"), fault::malformed);
}

TEST(map_value, any_other_answer_is_malformed_and_shown_safely) {
  for (const auto* answer :
       {"\n", "\n\n", "500\n\n", "type=str, case=sensitive, found=yes\n\n",
        "type=str, case=sensitive, found=yes, idx=tree, key=\"orders\", value=\"5\n\n",
        "Unknown command, but maybe one of the following ones is a better match:\n\n"})
    EXPECT_EQ(map_fault_of(answer), fault::malformed) << answer;
  const auto hostile = read_map_value("\x1B[31m" + std::string(5000, 'x') + "\n\n", "orders");
  ASSERT_FALSE(hostile);
  EXPECT_THAT(hostile.error().text, HasSubstr("?[31mx"));
  EXPECT_LT(hostile.error().text.size(), 200U);
}

TEST(map_change, an_empty_line_is_a_yes) {
  EXPECT_TRUE(read_map_change("\n"));
  EXPECT_TRUE(read_map_change("\n\n"));
}

TEST(map_change, a_key_or_map_that_does_not_exist_is_refused) {
  for (const auto* answer :
       {"entry not found.\n\n", "Unknown map identifier. Please use #<id> or <file>.\n\n",
        "Permission denied\n\n"}) {
    const auto read = read_map_change(answer);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, fault::refused);
    EXPECT_THAT(read.error().text, HasSubstr(std::string{answer}.substr(0, 10)));
  }
}

TEST(map_change, no_answer_is_lost_and_another_one_malformed) {
  for (const auto& [answer, kind] :
       {std::pair{"", fault::lost}, {"entry not", fault::lost}, {"ok\n\n", fault::malformed}}) {
    const auto read = read_map_change(answer);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, kind) << answer;
  }
}

}  // namespace
}  // namespace canaryd::platform
