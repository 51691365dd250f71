#include "canaryd/net/message.hpp"

#include <gtest/gtest.h>

namespace canaryd::net {
namespace {

TEST(message, a_header_is_found_without_regard_to_case_and_the_first_one_counts) {
  const std::vector<header> headers = {{"A", "1"}, {"Retry-After", "2"}, {"retry-after", "3"}};
  EXPECT_EQ(find_header(headers, "RETRY-AFTER"), "2");
  EXPECT_EQ(find_header(headers, "Retry"), std::nullopt);
}

}  // namespace
}  // namespace canaryd::net
