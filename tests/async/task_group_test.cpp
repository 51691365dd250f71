#include "canaryd/async/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <stdexcept>

namespace canaryd::async {
namespace {

using namespace std::chrono_literals;

class task_group_test : public testing::Test {
 protected:
  void run() {
    for (;;) {
      while (context.poll() > 0) {
      }
      const auto next = time.next_deadline(context);
      if (!next || *next == instant::max())
        return;
      time.advance_to(context, std::max(*next, clock::now()));
    }
  }

  manual_time time{instant{1h}, wall_time{}};
  boost::asio::io_context context{1};
};

task<> count_after(duration wait, int& count) {
  co_await sleep_for(wait);
  ++count;
}

task<> fail_after(duration wait) {
  co_await sleep_for(wait);
  throw std::logic_error{"a defect"};
}

task<> join_and_note(task_group& group, bool& joined, std::string& failure) {
  try {
    co_await group.join();
  } catch (const std::logic_error& error) {
    failure = error.what();
  }
  joined = true;
}

TEST_F(task_group_test, join_waits_for_every_child) {
  task_group group{context.get_executor()};
  int count = 0;
  bool joined = false;
  std::string failure;
  group.spawn(count_after(24h * 14, count));
  group.spawn(count_after(1s, count));
  boost::asio::co_spawn(context, join_and_note(group, joined, failure), boost::asio::detached);
  run();
  EXPECT_EQ(count, 2);
  EXPECT_TRUE(joined);
  EXPECT_EQ(clock::now(), instant{1h} + 24h * 14);
}

TEST_F(task_group_test, cancel_ends_all_children_without_a_failure) {
  task_group group{context.get_executor()};
  int count = 0;
  bool joined = false;
  std::string failure;
  for (int i = 0; i < 3; ++i)
    group.spawn(count_after(1h, count));
  context.poll();
  group.cancel();
  group.spawn(count_after(1h, count));
  boost::asio::co_spawn(context, join_and_note(group, joined, failure), boost::asio::detached);
  run();
  EXPECT_EQ(count, 0);
  EXPECT_TRUE(joined);
  EXPECT_EQ(failure, "");
  EXPECT_EQ(clock::now(), instant{1h});
}

TEST_F(task_group_test, cancelling_twice_is_cancelling_once) {
  task_group group{context.get_executor()};
  int count = 0;
  group.spawn(count_after(1h, count));
  context.poll();
  group.cancel();
  group.cancel();
  run();
  EXPECT_EQ(count, 0);
  EXPECT_EQ(group.size(), 0U);
}

TEST_F(task_group_test, cancel_of_one_child_leaves_the_others) {
  task_group group{context.get_executor()};
  int count = 0;
  group.spawn(count_after(1h, count));
  const auto one = group.spawn(count_after(2h, count));
  context.poll();
  task_group::cancel(one);
  run();
  EXPECT_EQ(count, 1);
  EXPECT_EQ(group.size(), 0U);
  task_group::cancel(one);
}

TEST_F(task_group_test, a_child_that_throws_is_reported_and_rethrown_by_join) {
  bool reported = false;
  task_group group{context.get_executor(), [&] { reported = true; }};
  bool joined = false;
  std::string failure;
  group.spawn(fail_after(1s));
  boost::asio::co_spawn(context, join_and_note(group, joined, failure), boost::asio::detached);
  run();
  EXPECT_TRUE(reported);
  EXPECT_TRUE(joined);
  EXPECT_EQ(failure, "a defect");
}

task<> note_at_once(int& count) {
  ++count;
  co_return;
}

task<> spawn_inside(task_group& group, int& count, int& seen_after_spawn) {
  group.spawn(note_at_once(count));
  seen_after_spawn = count;
  co_return;
}

TEST_F(task_group_test, a_child_that_never_waits_has_ended_when_spawn_returns) {
  task_group group{context.get_executor()};
  task_group outer{context.get_executor()};
  int count = 0;
  int seen_after_spawn = 0;
  outer.spawn(spawn_inside(group, count, seen_after_spawn));
  run();
  EXPECT_EQ(seen_after_spawn, 1);
  EXPECT_EQ(group.size(), 0U);
}

TEST_F(task_group_test, a_cancelled_task_still_joins_its_children) {
  task_group children{context.get_executor()};
  task_group parents{context.get_executor()};
  int count = 0;
  children.spawn(count_after(2h, count));
  parents.spawn(run_and_join(children, sleep_for(1h)));
  context.poll();
  parents.cancel();
  run();
  EXPECT_EQ(children.size(), 0U);
  EXPECT_EQ(parents.size(), 0U);
  EXPECT_EQ(count, 0);
}

task<> join_and_sleep(task_group& children, task<> work, bool& slept) {
  co_await run_and_join(children, std::move(work));
  co_await sleep_for(1h);
  slept = true;
}

TEST_F(task_group_test, a_task_can_be_cancelled_after_it_has_joined_its_children) {
  task_group children{context.get_executor()};
  task_group parents{context.get_executor()};
  bool slept = false;
  parents.spawn(join_and_sleep(children, sleep_for(1s), slept));
  context.poll();
  time.advance_to(context, clock::now() + 2s);
  context.poll();
  parents.cancel();
  run();
  EXPECT_EQ(parents.size(), 0U);
  EXPECT_FALSE(slept);
}

// Ends an hour after it is told to.
task<> end_late() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  try {
    co_await sleep_for(2h);
  } catch (const boost::system::system_error&) {
  }
  co_await sleep_for(1h);
}

TEST_F(task_group_test, a_cancellation_while_children_are_joined_is_not_forgotten) {
  task_group children{context.get_executor()};
  task_group parents{context.get_executor()};
  bool slept = false;
  children.spawn(end_late());
  parents.spawn(join_and_sleep(children, sleep_for(0s), slept));
  context.poll();
  parents.cancel();
  run();
  EXPECT_EQ(parents.size(), 0U);
  EXPECT_FALSE(slept);
  EXPECT_EQ(clock::now(), instant{2h});
}

task<> wait_and_note(wakeup& bell, instant deadline, instant& woken) {
  co_await bell.wait(deadline);
  woken = clock::now();
}

TEST_F(task_group_test, wakeup_returns_at_the_ring_or_at_the_deadline) {
  wakeup bell{context.get_executor()};
  wakeup silent{context.get_executor()};
  instant rung{};
  instant expired{};
  task_group group{context.get_executor()};
  group.spawn(wait_and_note(bell, instant::max(), rung));
  group.spawn(wait_and_note(silent, clock::now() + 5s, expired));
  context.poll();
  bell.ring();
  run();
  EXPECT_EQ(rung, instant{1h});
  EXPECT_EQ(expired, instant{1h} + 5s);
}

TEST_F(task_group_test, wakeup_throws_when_its_task_is_cancelled) {
  wakeup bell{context.get_executor()};
  instant woken{};
  task_group group{context.get_executor()};
  group.spawn(wait_and_note(bell, instant::max(), woken));
  context.poll();
  group.cancel();
  run();
  EXPECT_EQ(woken, instant{});
  EXPECT_EQ(group.size(), 0U);
}

TEST_F(task_group_test, manual_time_steps_the_wall_apart_from_elapsed_time) {
  time.step_wall(-2h);
  EXPECT_EQ(clock::wall_now(), wall_time{} - 2h);
  EXPECT_EQ(clock::now(), instant{1h});
  time.advance_to(context, instant{2h});
  EXPECT_EQ(clock::wall_now(), wall_time{} - 1h);
}

}  // namespace
}  // namespace canaryd::async
