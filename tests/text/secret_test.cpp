#include "canaryd/text/secret.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace canaryd::text {
namespace {

TEST(secret, is_seen_only_where_it_is_revealed) {
  const secret hidden{std::string_view{"hush"}};
  std::ostringstream out;
  out << hidden;
  EXPECT_EQ(out.str(), "[secret]");
  EXPECT_EQ(hidden.reveal(), "hush");
}

TEST(secret, wipes_the_text_it_is_made_from) {
  std::string text = "hush";
  const char* bytes = text.data();
  const secret hidden{std::move(text)};
  EXPECT_EQ(hidden.reveal(), "hush");
  EXPECT_EQ(std::string_view(bytes, 4), std::string_view("\0\0\0\0", 4));
}

TEST(secret, leaves_nothing_behind_when_it_is_moved) {
  secret first{std::string_view{"hush"}};
  const secret second{std::move(first)};
  EXPECT_EQ(second.reveal(), "hush");
  EXPECT_TRUE(first.empty());
}

TEST(secret, is_replaced_by_assignment) {
  secret one{std::string_view{"a long secret that does not fit into a short string"}};
  const secret two{std::string_view{"two"}};
  one = two;
  EXPECT_EQ(one, two);
  one = secret{std::string_view{"three"}};
  EXPECT_EQ(one.reveal(), "three");
  EXPECT_FALSE(one == two);
}

}  // namespace
}  // namespace canaryd::text
