#include "canaryd/platform/haproxy/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace canaryd::platform {
namespace {

using namespace std::string_view_literals;

const auto no_names = {"a b"sv,  "a;b"sv, "a\nb"sv,  "a\\b"sv, "a\tb"sv,      "a\0b"sv,
                       "a\"b"sv, "a'b"sv, "a#b"sv,   "<<"sv,   "a\xC3\xA4"sv, "a$b"sv,
                       "a(b"sv,  "a,b"sv, "a\x7F"sv, "{a}"sv,  "a\r"sv};

TEST(haproxy_names, plain_words_are_names_of_backends_and_keys) {
  for (const auto name : {"orders"sv, "orders_canary-2"sv, "a.b:c"sv, "7"sv}) {
    EXPECT_TRUE(is_backend_name(name)) << name;
    EXPECT_TRUE(is_map_key(name)) << name;
  }
}

TEST(haproxy_names, nothing_that_could_end_a_command_is_a_name) {
  for (const auto name : no_names) {
    EXPECT_FALSE(is_backend_name(name)) << name;
    EXPECT_FALSE(is_map_key(name)) << name;
    EXPECT_FALSE(is_plain_path("/" + std::string{name})) << name;
  }
  EXPECT_FALSE(is_backend_name(""));
  EXPECT_FALSE(is_map_key(""));
}

TEST(haproxy_names, a_number_that_means_all_backends_is_no_name) {
  EXPECT_FALSE(is_backend_name("-1"));
}

TEST(haproxy_names, a_reference_or_a_comment_is_no_key) {
  EXPECT_FALSE(is_map_key("#0x55ffe97ff3f0"));
}

TEST(haproxy_names, a_path_begins_at_the_root) {
  EXPECT_TRUE(is_plain_path("/etc/haproxy/canaryd.map"));
  EXPECT_FALSE(is_plain_path("etc/canaryd.map"));
  EXPECT_FALSE(is_plain_path("#0"));
  EXPECT_FALSE(is_plain_path(""));
}

TEST(haproxy_names, names_and_paths_have_a_greatest_length) {
  EXPECT_TRUE(is_map_key(std::string(64, 'a')));
  EXPECT_FALSE(is_map_key(std::string(65, 'a')));
  EXPECT_TRUE(is_plain_path("/" + std::string(254, 'a')));
  EXPECT_FALSE(is_plain_path("/" + std::string(255, 'a')));
}

}  // namespace
}  // namespace canaryd::platform
