#include "canaryd/platform/token/token_codec.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;

TEST(token_form, has_encoded_values) {
  EXPECT_EQ(token_form("my id", text::secret{std::string_view{"a&b=c"}},
                       std::vector<std::string>{"bot:deploy", "metrics:read"}),
            "grant_type=client_credentials&client_id=my%20id&client_secret=a%26b%3Dc"
            "&scope=bot%3Adeploy%20metrics%3Aread");
}

TEST(token_answer, is_read) {
  const auto full = parse_token(R"({"access_token":"abc","expires_in":90,"token_type":"bearer"})");
  ASSERT_TRUE(full) << full.error();
  EXPECT_EQ(full->token.reveal(), "abc");
  EXPECT_EQ(full->life, 90s);
  const auto bare = parse_token(R"({"access_token":"abc"})");
  ASSERT_TRUE(bare) << bare.error();
  EXPECT_EQ(bare->life, 1h);
}

TEST(token_answer, is_taken_whatever_it_says_of_its_life) {
  const std::vector<std::pair<std::string_view, duration>> lives{{"null", 1h},
                                                                 {R"("3600")", 1h},
                                                                 {"3600.0", 1h},
                                                                 {R"("90.5")", 90'500ms},
                                                                 {"0", 60s},
                                                                 {"59", 60s},
                                                                 {"-1", 60s},
                                                                 {"1e-10", 60s},
                                                                 {R"("0")", 60s},
                                                                 {R"("soon")", 60s},
                                                                 {R"("nan")", 60s},
                                                                 {R"("")", 60s},
                                                                 {R"("3600 s")", 60s},
                                                                 {"true", 60s},
                                                                 {"[]", 60s},
                                                                 {"{}", 60s},
                                                                 {"86401", 24h},
                                                                 {"999999999", 24h},
                                                                 {"1e300", 24h},
                                                                 {R"("inf")", 24h},
                                                                 {"9223372036854775807", 24h}};
  for (const auto& [told, life] : lives) {
    const auto read =
        parse_token(R"({"access_token":"abc","expires_in":)" + std::string{told} + "}");
    ASSERT_TRUE(read) << told << ": " << read.error();
    EXPECT_EQ(read->life, life) << told;
  }
}

TEST(token_answer, that_is_no_use_is_malformed) {
  for (const auto* body :
       {"{}", R"({"access_token":""})", R"({"access_token":1})", R"({"access_token":"a b"})",
        R"({"access_token":"a\r\nX: y"})", R"({"access_token":"a","expires_in":1e400})",
        R"({"access_token":"a","token_type":"mac"})", R"({"access_token":"a","access_token":"b"})",
        "[]"})
    EXPECT_FALSE(parse_token(body)) << body;
}

TEST(token_answer, may_begin_with_a_byte_order_mark) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(parse_token(mark + R"({"access_token":"abc"})").value().token.reveal(), "abc");
}

}  // namespace
}  // namespace canaryd::platform
