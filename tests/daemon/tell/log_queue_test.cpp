// Which lines of the log are lost if nobody reads them.
#include "canaryd/daemon/tell/log_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::daemon {
namespace {

using testing::ElementsAre;

log_line line(severity level, std::string text) {
  return {.level = level, .text = std::move(text)};
}

std::vector<std::string> take_all(log_queue& from) {
  std::vector<std::string> texts;
  while (auto next = from.take())
    texts.push_back(next->text);
  return texts;
}

TEST(log_queue, lines_come_out_in_the_order_they_went_in) {
  log_queue queue;
  queue.add(line(severity::info, "a"));
  queue.add(line(severity::critical, "b"));
  queue.add(line(severity::debug, "c"));
  EXPECT_EQ(queue.lines(), 3U);
  EXPECT_THAT(take_all(queue), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(queue.bytes(), 0U);
  EXPECT_EQ(queue.lost(), 0U);
}

TEST(log_queue, the_oldest_of_the_least_severe_lines_make_way) {
  log_queue queue{{.lines = 3}};
  queue.add(line(severity::warning, "warning"));
  queue.add(line(severity::info, "old info"));
  queue.add(line(severity::critical, "critical"));
  queue.add(line(severity::info, "new info"));
  EXPECT_EQ(queue.lost(), 1U);
  queue.add(line(severity::error, "error"));
  EXPECT_THAT(take_all(queue), ElementsAre("warning", "critical", "error"));
  EXPECT_EQ(queue.lost(), 2U);
}

TEST(log_queue, a_new_line_that_is_the_least_severe_is_lost_itself) {
  log_queue queue{{.lines = 2}};
  queue.add(line(severity::warning, "warning"));
  queue.add(line(severity::error, "error"));
  queue.add(line(severity::info, "info"));
  queue.add(line(severity::debug, "debug"));
  EXPECT_THAT(take_all(queue), ElementsAre("warning", "error"));
  EXPECT_EQ(queue.lost(), 2U);
}

TEST(log_queue, nothing_critical_is_lost_before_anything_else) {
  log_queue queue{{.lines = 4}};
  for (const auto level : {severity::critical, severity::error, severity::warning, severity::info,
                           severity::debug, severity::critical, severity::error})
    queue.add(line(level, std::to_string(static_cast<int>(level))));
  EXPECT_THAT(take_all(queue), ElementsAre("4", "3", "4", "3"));
  for (const auto* text : {"a", "b", "c", "d", "e"})
    queue.add(line(severity::critical, text));
  EXPECT_THAT(take_all(queue), ElementsAre("b", "c", "d", "e"));
}

TEST(log_queue, bytes_are_bounded_as_well) {
  log_queue queue{{.lines = 1000, .bytes = 64UZ * 1024}};
  for (int i = 0; i < 100; ++i)
    queue.add({.level = severity::info,
               .text = std::string(1000, 'x'),
               .fields = {{"job", std::string(1000, 'y')}}});
  EXPECT_LE(queue.bytes(), 64U * 1024U);
  EXPECT_GE(queue.lines(), 20U);
  EXPECT_EQ(queue.lines() + queue.lost(), 100U);
}

TEST(log_queue, a_line_larger_than_all_of_the_room_takes_no_other_with_it) {
  log_queue queue{{.lines = 1000, .bytes = 64UZ * 1024}};
  queue.add(line(severity::info, "small"));
  queue.add(line(severity::critical, std::string(65UZ * 1024, 'x')));
  EXPECT_THAT(take_all(queue), ElementsAre("small"));
  EXPECT_EQ(queue.lost(), 1U);
}

}  // namespace
}  // namespace canaryd::daemon
