#include "canaryd/platform/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> scopes{"bot:deploy", "metrics:read"};

answer_context context() {
  return {.scopes = scopes, .secrets = {"tok-123", "s3cret/+"}, .now = wall_time{0ms}};
}

result<std::string> read(int status, std::string body, std::vector<net::header> headers = {}) {
  return read_answer(
      call::deploy,
      net::response{.status = status, .headers = std::move(headers), .body = std::move(body)},
      context());
}

struct status_case {
  int status;
  fault kind;
};

class status_table : public testing::TestWithParam<status_case> {};

TEST_P(status_table, says_what_may_be_done) {
  const auto answer = read(GetParam().status, "why");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, GetParam().kind);
  EXPECT_EQ(answer.error().status, GetParam().status);
  EXPECT_THAT(answer.error().text, HasSubstr("deploy: " + std::to_string(GetParam().status)));
  EXPECT_THAT(answer.error().text, HasSubstr("why"));
}

INSTANTIATE_TEST_SUITE_P(
    answer, status_table,
    testing::Values(status_case{401, fault::unauthorized}, status_case{400, fault::refused},
                    status_case{403, fault::refused}, status_case{404, fault::refused},
                    status_case{409, fault::refused}, status_case{410, fault::refused},
                    status_case{422, fault::refused}, status_case{408, fault::try_again},
                    status_case{425, fault::try_again}, status_case{429, fault::try_again},
                    status_case{500, fault::try_again}, status_case{503, fault::try_again},
                    status_case{599, fault::try_again}, status_case{302, fault::malformed},
                    status_case{100, fault::malformed}, status_case{999, fault::malformed}));

TEST(answer, the_body_of_every_2xx_is_handed_on) {
  for (const int status : {200, 201, 202, 204, 299})
    EXPECT_EQ(read(status, "body").value_or("none"), "body") << status;
}

TEST(answer, a_redirection_is_not_followed_and_says_where_it_leads) {
  const auto told = read(302, "moved", {{"location", "https://login.example.com/in?ticket=7"}});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().text,
            "deploy: 302 not an answer of this API: moved (redirected to "
            "https://login.example.com/in)");
  EXPECT_THAT(read(301, "", {{"Location", "/elsewhere"}}).error().text,
              HasSubstr("301 not an answer of this API: no body"));
}

TEST(answer, a_body_in_a_coding_that_nobody_asked_for_is_an_error_that_names_it) {
  for (const auto* name : {"Content-Encoding", "content-encoding", "Transfer-Encoding"}) {
    const auto told = read(200, "\x1f\x8b", {{name, "gzip"}});
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().kind, fault::malformed);
    EXPECT_EQ(
        told.error().text,
        "deploy: malformed answer: its body is in the coding gzip, but identity was asked for");
  }
  EXPECT_EQ(read(502, "\x1f\x8b", {{"Content-Encoding", "br"}}).error().text,
            "deploy: 502 try again later: a body in the coding br");
  EXPECT_TRUE(read(204, "", {{"Content-Encoding", "gzip"}}));
  for (const auto* plain : {"identity", "Identity", ""})
    EXPECT_TRUE(read(200, "{}", {{"Content-Encoding", plain}})) << plain;
  EXPECT_TRUE(read(200, "{}", {{"Transfer-Encoding", "chunked"}}));
}

TEST(answer, a_write_that_is_done_is_done_whatever_its_body_is_written_in) {
  const net::response done{
      .status = 200, .headers = {{"Content-Encoding", "gzip"}}, .body = "\x1f\x8b"};
  for (const auto which :
       {call::rollback, call::promote, call::change_traffic, call::audit, call::register_webhook})
    EXPECT_TRUE(read_answer(which, done, context())) << to_string(which);
}

TEST(answer, scopes_are_shown_with_401_and_403_only) {
  EXPECT_THAT(read(401, "").error().text, HasSubstr("(scopes asked for: bot:deploy metrics:read)"));
  EXPECT_THAT(read(403, "").error().text, HasSubstr("(scopes asked for: bot:deploy metrics:read)"));
  EXPECT_THAT(read(404, "").error().text, Not(HasSubstr("scopes")));
}

TEST(answer, five_hundred_characters_of_the_body_are_shown_made_printable) {
  EXPECT_EQ(read(404, std::string(500, 'a') + "b").error().text,
            "deploy: 404 refused: " + std::string(500, 'a') + "…");
  EXPECT_EQ(read(404, "a\nb\x1b[31m\xff").error().text, "deploy: 404 refused: a?b?[31m?");
  EXPECT_EQ(read(404, "").error().text, "deploy: 404 refused: no body");
}

TEST(answer, a_secret_that_the_body_echoes_is_never_shown) {
  EXPECT_EQ(read(400, "Bearer tok-123, s3cret/+ and s3cret%2F%2B").error().text,
            "deploy: 400 refused: Bearer [redacted], [redacted] and [redacted]");
  // Not even a part of it, where the text is cut.
  EXPECT_THAT(read(400, std::string(497, 'a') + "tok-123").error().text, Not(HasSubstr("tok")));
  EXPECT_THAT(
      unusable_body(call::metrics, "the key tok-123 appears twice", "tok-123", context()).text,
      Not(HasSubstr("tok-123")));
}

TEST(answer, retry_after_is_read_as_seconds_or_date_where_trying_again_makes_sense) {
  const auto wait = [](int status, std::string value) {
    return read(status, "", {{"retry-after", std::move(value)}}).error().retry_after;
  };
  EXPECT_EQ(wait(503, "7"), 7s);
  EXPECT_EQ(wait(429, "Thu, 01 Jan 1970 00:02:00 GMT"), 120s);
  EXPECT_EQ(wait(429, "soon"), std::nullopt);
  EXPECT_EQ(wait(404, "7"), std::nullopt);
}

TEST(answer, a_transport_failure_keeps_its_kind_and_gets_the_calls_name) {
  const auto answer = read_answer(
      call::rollback, std::unexpected{error{.kind = fault::lost, .text = "connection reset"}},
      context());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, fault::lost);
  EXPECT_EQ(answer.error().text, "rollback: connection reset");
}

TEST(answer, an_unusable_body_is_malformed_with_two_hundred_characters_of_it) {
  const auto problem = unusable_body(call::metrics, "error_rate is 7, allowed is 0 to 1",
                                     std::string(201, 'x'), context());
  EXPECT_EQ(problem.kind, fault::malformed);
  EXPECT_EQ(problem.text, "metrics: malformed answer: error_rate is 7, allowed is 0 to 1: " +
                              std::string(200, 'x') + "…");
}

TEST(answer, nothing_of_a_token_answer_is_shown) {
  EXPECT_EQ(unusable_body(call::token, "not JSON", "access_token=abc", context()).text,
            "token: malformed answer: not JSON");
}

}  // namespace
}  // namespace canaryd::platform
