#include "canaryd/net/response_reader.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace canaryd::net {
namespace {

constexpr std::size_t body_limit = 100;

struct reading {
  std::optional<fault> problem;
  std::optional<response> answer;
  bool keep_alive = false;
  std::string rest;
};

// Feeds a text in pieces of `step` bytes. If `then_close`, the connection closes at its end.
reading read(std::string_view text, std::size_t step, bool then_close = false,
             answer_shape shape = answer_shape::with_body) {
  response_reader reader{body_limit};
  reader.begin(shape);
  std::string pending;
  while (!reader.finished() && !text.empty()) {
    pending += text.substr(0, step);
    text.remove_prefix(std::min(step, text.size()));
    const auto taken = reader.feed(pending);
    if (!taken)
      return {.problem = taken.error().kind, .answer = {}, .rest = {}};
    pending.erase(0, *taken);
  }
  if (then_close) {
    const auto ended = reader.feed_end();
    if (!ended)
      return {.problem = ended.error().kind, .answer = {}, .rest = {}};
  }
  if (!reader.finished())
    return {};
  return {.problem = {},
          .answer = reader.take(),
          .keep_alive = reader.keep_alive(),
          .rest = pending + std::string{text}};
}

constexpr std::size_t whole = 1'000'000;

TEST(response_reader, an_empty_chunked_body_may_come_byte_by_byte) {
  const std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const auto found = read(text, step);
    ASSERT_TRUE(found.answer) << step;
    EXPECT_EQ(found.answer->body, "");
    EXPECT_EQ(found.rest, "");
  }
}

TEST(response_reader, an_answer_is_the_same_however_it_is_cut_into_pieces) {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Type: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: ignored\r\n\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, whole}) {
    const auto found = read(text, step);
    ASSERT_TRUE(found.answer) << step;
    EXPECT_EQ(found.answer->status, 200);
    EXPECT_EQ(found.answer->body, "hello!");
    EXPECT_EQ(found.answer->headers.size(), 2U);
    EXPECT_EQ(find_header(found.answer->headers, "content-type"), "a");
    EXPECT_TRUE(found.keep_alive);
  }
}

TEST(response_reader, what_follows_an_answer_is_left) {
  const auto found = read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP", whole);
  ASSERT_TRUE(found.answer);
  EXPECT_EQ(found.answer->body, "ab");
  EXPECT_EQ(found.rest, "HTTP");
}

TEST(response_reader, keep_alive_follows_version_and_connection_header) {
  const std::pair<std::string, bool> table[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true},
      {"HTTP/1.1 204 No Content\r\n\r\n", true},
  };
  for (const auto& [text, expected] : table) {
    const auto found = read(text, whole);
    ASSERT_TRUE(found.answer) << text;
    EXPECT_EQ(found.keep_alive, expected) << text;
  }
}

TEST(response_reader, a_body_without_a_length_ends_with_the_connection) {
  const auto found = read("HTTP/1.1 200 OK\r\n\r\nabc", whole, true);
  ASSERT_TRUE(found.answer);
  EXPECT_EQ(found.answer->body, "abc");
  EXPECT_FALSE(found.keep_alive);
}

TEST(response_reader, answers_to_head_end_with_their_header) {
  const auto found = read("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", whole, false,
                          answer_shape::header_only);
  ASSERT_TRUE(found.answer);
  EXPECT_EQ(found.answer->body, "");
}

TEST(response_reader, an_answer_cut_short_is_lost) {
  for (const std::string_view text :
       {"", "HTT", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"})
    EXPECT_EQ(read(text, whole, true).problem, fault::lost) << text;
}

TEST(response_reader, what_is_not_http_is_malformed) {
  for (const std::string_view text :
       {"SSH-2.0-OpenSSH\r\n", "\r\n", "<html>", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n"})
    EXPECT_EQ(read(text, whole).problem, fault::malformed) << text;
}

TEST(response_reader, a_body_over_the_limit_is_malformed_whichever_way_it_comes) {
  const std::string most(body_limit, 'x');
  const std::string over = most + "y";
  EXPECT_TRUE(read("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + most, whole).answer);
  EXPECT_TRUE(read("HTTP/1.1 200 OK\r\n\r\n" + most, whole, true).answer);
  for (const auto& text : {"Content-Length: 101\r\n\r\n", "Content-Length: 9999999999\r\n\r\n"})
    EXPECT_EQ(read(std::string{"HTTP/1.1 200 OK\r\n"} + text, whole).problem, fault::malformed);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\n" + over, whole).problem, fault::malformed);
  EXPECT_EQ(
      read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + over, whole).problem,
      fault::malformed);
}

TEST(response_reader, a_header_over_its_limit_is_malformed) {
  std::string text = "HTTP/1.1 200 OK\r\n";
  while (text.size() <= 2 * header_limit_bytes)
    text += "X-Flood: yes\r\n";
  for (const std::size_t step : {std::size_t{100}, std::size_t{4096}, whole})
    EXPECT_EQ(read(text, step).problem, fault::malformed) << step;
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nX: " + std::string(2 * header_limit_bytes, 'x'), 4096).problem,
            fault::malformed);
}

TEST(response_reader, a_header_just_within_its_limit_is_read) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nX: " + std::string(header_limit_bytes - 100, 'x') + "\r\n\r\n";
  for (const std::size_t step : {std::size_t{4096}, whole})
    EXPECT_TRUE(read(text, step, true).answer) << step;
}

TEST(response_reader, trailers_count_against_the_limit_of_the_header) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 10'000; ++i)
    text += "X-Flood: yes\r\n";
  EXPECT_EQ(read(text + "\r\n", whole).problem, fault::malformed);
}

TEST(response_reader, interim_answers_are_skipped_up_to_eight) {
  const auto interim = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
      text += "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    return text + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  };
  const auto found = read(interim(8), whole);
  ASSERT_TRUE(found.answer);
  EXPECT_EQ(found.answer->status, 200);
  EXPECT_EQ(found.answer->headers.size(), 1U);
  EXPECT_EQ(read(interim(9), whole).problem, fault::malformed);
}

TEST(response_reader, begin_forgets_the_answer_before) {
  response_reader reader{body_limit};
  for (const int status : {200, 404}) {
    reader.begin(answer_shape::with_body);
    ASSERT_TRUE(
        reader.feed("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 1\r\n\r\nz"));
    ASSERT_TRUE(reader.finished());
    const auto answer = reader.take();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.headers.size(), 1U);
    EXPECT_EQ(answer.body, "z");
  }
}

}  // namespace
}  // namespace canaryd::net
