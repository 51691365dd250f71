#include "canaryd/async/both.hpp"

#include "canaryd/async/task_group.hpp"

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "support/virtual_time.hpp"
#include <memory>
#include <stdexcept>
#include <string>

namespace canaryd::async {
namespace {

using namespace std::chrono_literals;

using texts = std::pair<std::string, std::string>;

class both_test : public testing::Test {
 protected:
  support::virtual_time time;
  instant start = clock::now();
};

task<std::unique_ptr<int>> number_after(duration wait, int value) {
  co_await sleep_for(wait);
  co_return std::make_unique<int>(value);
}

task<std::string> text_after(duration wait, std::string value) {
  co_await sleep_for(wait);
  co_return value;
}

task<std::string> text_at_once(std::string value) {
  co_return value;
}

task<std::string> fail_after(duration wait, std::string why) {
  co_await sleep_for(wait);
  throw std::logic_error{why};
}

// Takes a second to end, also when it is cancelled.
task<std::string> end_slowly(instant& ended) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  try {
    co_await sleep_for(1h);
  } catch (const boost::system::system_error&) {
  }
  co_await sleep_for(1s);
  ended = clock::now();
  co_return "";
}

TEST_F(both_test, run_at_the_same_time_and_both_results_are_returned) {
  const auto [number, text] = time.await(both(number_after(3s, 7), text_after(5s, "seven")));
  EXPECT_EQ(*number, 7);
  EXPECT_EQ(text, "seven");
  EXPECT_EQ(clock::now(), start + 5s);
}

TEST_F(both_test, either_may_end_first_or_without_a_wait) {
  EXPECT_EQ(time.await(both(text_after(5s, "a"), text_after(3s, "b"))), texts("a", "b"));
  EXPECT_EQ(time.await(both(text_at_once("a"), text_after(3s, "b"))), texts("a", "b"));
  EXPECT_EQ(time.await(both(text_at_once("a"), text_at_once("b"))), texts("a", "b"));
}

std::string thrown_by(support::virtual_time& time, task<texts> work) {
  try {
    time.await(std::move(work));
  } catch (const std::logic_error& problem) {
    return problem.what();
  }
  return "nothing";
}

TEST_F(both_test, an_exception_cancels_the_other_and_is_rethrown) {
  EXPECT_EQ(thrown_by(time, both(fail_after(3s, "first"), text_after(1h, ""))), "first");
  EXPECT_EQ(thrown_by(time, both(text_after(1h, ""), fail_after(3s, "second"))), "second");
  EXPECT_EQ(clock::now(), start + 6s);
}

TEST_F(both_test, the_exception_that_came_first_is_rethrown) {
  EXPECT_EQ(thrown_by(time, both(fail_after(2s, "late"), fail_after(1s, "early"))), "early");
  EXPECT_EQ(thrown_by(time, both(text_after(1s, ""), fail_after(2s, "only"))), "only");
}

TEST_F(both_test, the_other_has_ended_before_an_exception_is_rethrown) {
  instant ended{};
  EXPECT_EQ(thrown_by(time, both(fail_after(3s, "why"), end_slowly(ended))), "why");
  EXPECT_EQ(ended, start + 4s);
}

task<> note_end(task<texts> work, std::string& how) {
  try {
    co_await std::move(work);
    how = "returned";
  } catch (const boost::system::system_error& problem) {
    how = problem.code() == boost::asio::error::operation_aborted ? "cancelled" : "failed";
  }
}

TEST_F(both_test, a_cancellation_reaches_both) {
  for (const bool inside_the_loop : {false, true}) {
    task_group tasks{time.executor()};
    std::string how;
    const auto began = clock::now();
    tasks.spawn(note_end(both(text_after(1h, ""), text_after(2h, "")), how));
    time.run_for(1s);
    if (inside_the_loop)
      boost::asio::post(time.executor(), [&] { tasks.cancel(); });
    else
      tasks.cancel();
    time.settle();
    EXPECT_EQ(how, "cancelled");
    EXPECT_EQ(tasks.size(), 0U);
    EXPECT_EQ(clock::now(), began + 1s);
  }
}

TEST_F(both_test, a_cancellation_reaches_the_one_that_is_left) {
  task_group tasks{time.executor()};
  std::string how;
  tasks.spawn(note_end(both(text_at_once(""), text_after(2h, "")), how));
  time.run_for(1s);
  tasks.cancel();
  time.settle();
  EXPECT_EQ(how, "cancelled");
  EXPECT_EQ(tasks.size(), 0U);
}

}  // namespace
}  // namespace canaryd::async
