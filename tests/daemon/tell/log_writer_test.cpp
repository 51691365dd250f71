// The log's own thread, and a reader who does not read.
#include "canaryd/daemon/tell/log_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// A reader of the log that may stop reading for a while.
class reader {
 public:
  log_writer::output output() {
    return [mine = state_](const log_line& line) {
      std::unique_lock lock{mine->guard};
      ++mine->begun;
      mine->change.notify_all();
      mine->change.wait(lock, [&] { return mine->reads; });
      mine->seen.push_back(line.text);
    };
  }
  void stop_reading() {
    const std::lock_guard lock{state_->guard};
    state_->reads = false;
  }
  void read_on() {
    const std::lock_guard lock{state_->guard};
    state_->reads = true;
    state_->change.notify_all();
  }
  // Waits until the writing of that many lines has begun.
  void wait_for_lines(int count) {
    std::unique_lock lock{state_->guard};
    state_->change.wait(lock, [&] { return state_->begun >= count; });
  }
  std::vector<std::string> seen() const {
    const std::lock_guard lock{state_->guard};
    return state_->seen;
  }

 private:
  struct state {
    std::mutex guard;
    std::condition_variable change;
    bool reads = true;
    int begun = 0;
    std::vector<std::string> seen;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

log_line line_of(severity level, std::string text) {
  return {.level = level, .text = std::move(text)};
}

TEST(log_writer, everything_is_written_before_it_finishes) {
  reader somebody;
  log_writer writer{somebody.output()};
  for (const auto* text : {"a", "b", "c"})
    writer.add(line_of(severity::info, text));
  EXPECT_TRUE(writer.finish(10s));
  EXPECT_THAT(somebody.seen(), ElementsAre("a", "b", "c"));
}

TEST(log_writer, a_reader_who_does_not_read_holds_up_neither_a_line_nor_the_end) {
  reader nobody;
  nobody.stop_reading();
  log_writer writer{nobody.output(), {.lines = 10}};
  writer.add(line_of(severity::info, "in hand"));
  nobody.wait_for_lines(1);
  for (int i = 0; i < 1000; ++i)
    writer.add(line_of(severity::info, "info"));
  EXPECT_EQ(writer.lost(), 990U);
  EXPECT_FALSE(writer.finish(1ms));
  EXPECT_THAT(nobody.seen(), IsEmpty());
  nobody.read_on();
}

TEST(log_writer, the_next_line_that_gets_through_says_how_many_were_lost) {
  reader somebody;
  somebody.stop_reading();
  log_writer writer{somebody.output(), {.lines = 2}};
  writer.add(line_of(severity::info, "in hand"));
  somebody.wait_for_lines(1);
  for (const auto level : {severity::info, severity::warning, severity::info, severity::critical})
    writer.add(line_of(level, level == severity::info ? "info" : "severe"));
  somebody.read_on();
  EXPECT_TRUE(writer.finish(10s));
  EXPECT_THAT(somebody.seen(),
              ElementsAre("in hand", "log lines were lost because nobody read them lines=2",
                          "severe", "severe"));
}

TEST(log_writer, what_is_queued_goes_to_the_new_place_of_the_log) {
  reader first;
  first.stop_reading();
  log_writer writer{first.output()};
  writer.add(line_of(severity::info, "a"));
  first.wait_for_lines(1);
  writer.add(line_of(severity::info, "b"));
  reader second;
  writer.write_to(second.output());
  writer.add(line_of(severity::info, "c"));
  first.read_on();
  EXPECT_TRUE(writer.finish(10s));
  EXPECT_THAT(first.seen(), ElementsAre("a"));
  EXPECT_THAT(second.seen(), ElementsAre("b", "c"));
}

}  // namespace
}  // namespace canaryd::daemon
