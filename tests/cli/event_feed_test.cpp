// HTTP answers and server-sent events, however their bytes come.
#include "canaryd/cli/answer_parser.hpp"
#include "canaryd/cli/event_stream.hpp"

#include <gtest/gtest.h>

#include <string>

namespace canaryd::cli {
namespace {

std::string names_of(const std::vector<server_event>& events) {
  std::string names;
  for (const auto& event : events)
    names += event.name + " ";
  return names;
}

TEST(event_stream, an_event_is_whole_at_the_blank_line) {
  event_stream stream;
  EXPECT_TRUE(stream.feed("event: state\ndata: {\"a\":").empty());
  EXPECT_TRUE(stream.feed("1}\n").empty());
  const auto events = stream.feed("\n");
  ASSERT_EQ(events.size(), 1);
  EXPECT_EQ(events[0].name, "state");
  EXPECT_EQ(events[0].data.at("a"), 1);
}

TEST(event_stream, bytes_may_come_one_by_one_and_lines_end_as_they_like) {
  event_stream stream;
  std::string names;
  for (const char c : std::string{": hello\r\n\r\nevent:a\r\ndata:1\r\n\r\nevent: b\ndata: 2\n\n"})
    names += names_of(stream.feed(std::string(1, c)));
  EXPECT_EQ(names, "a b ");
}

TEST(event_stream, comments_and_what_is_not_json_are_passed_over) {
  event_stream stream;
  EXPECT_EQ(names_of(stream.feed(": heartbeat\n\nevent: bad\ndata: {\n\nid: 7\nevent: good\n"
                                 "data: [1,\ndata: 2]\n\n")),
            "good ");
}

TEST(event_stream, a_line_without_end_is_dropped) {
  event_stream stream;
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(stream.feed(std::string(600UZ * 1024, 'x')).empty());
  EXPECT_EQ(names_of(stream.feed("\nevent: a\ndata: 1\n\n")), "a ");
}

TEST(answer_parser, a_body_can_be_taken_while_it_comes) {
  answer_parser answer;
  ASSERT_TRUE(answer.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_TRUE(answer.has_header());
  EXPECT_EQ(answer.status(), 200);
  ASSERT_TRUE(answer.feed("5\r\nhel"));
  EXPECT_EQ(answer.take_body(), "hel");
  ASSERT_TRUE(answer.feed("lo\r\n0\r\n\r\n"));
  EXPECT_EQ(answer.take_body(), "lo");
  EXPECT_TRUE(answer.finished());
}

TEST(answer_parser, a_body_may_end_with_the_connection) {
  answer_parser answer;
  ASSERT_TRUE(answer.feed("HTTP/1.1 409 Conflict\r\n\r\n{}"));
  EXPECT_FALSE(answer.finished());
  ASSERT_TRUE(answer.feed_end());
  EXPECT_TRUE(answer.finished());
  EXPECT_EQ(answer.status(), 409);
  EXPECT_EQ(answer.take_body(), "{}");
}

TEST(answer_parser, an_answer_cut_short_is_lost) {
  answer_parser answer;
  ASSERT_TRUE(answer.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"));
  const auto ended = answer.feed_end();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, fault::lost);
}

TEST(answer_parser, what_is_not_http_is_no_daemon) {
  answer_parser answer;
  const auto fed = answer.feed("220 mail.example.com ESMTP\r\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().kind, fault::malformed);
  answer_parser long_winded;
  EXPECT_FALSE(long_winded.feed("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x')));
}

}  // namespace
}  // namespace canaryd::cli
