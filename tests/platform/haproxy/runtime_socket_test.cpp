#include "canaryd/platform/haproxy/runtime_socket.hpp"

#include <gmock/gmock.h>

#include "scripted_haproxy.hpp"

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class runtime_socket_test : public haproxy_fixture {
 protected:
  result<std::string> ask(std::string path, duration time = 5s) {
    return finish(ask_runtime(std::move(path), "show info", async::clock::now() + time));
  }
  result<std::string> ask(duration time = 5s) { return ask(socket_path(), time); }

  fault fault_of(const result<std::string>& answer) {
    EXPECT_FALSE(answer);
    return answer ? fault::system : answer.error().kind;
  }
};

TEST_F(runtime_socket_test, sends_one_line_and_returns_all_that_comes_until_the_end) {
  answers["show info"] = {"Name: HAProxy\n\n"};
  serve(answer_and_close);
  EXPECT_EQ(ask().value_or("none"), "Name: HAProxy\n\n");
  EXPECT_THAT(lines, ElementsAre("show info"));
}

TEST_F(runtime_socket_test, takes_an_answer_that_comes_byte_by_byte) {
  answers["show info"] = {"Name: HAProxy\n\n"};
  serve(answer_slowly);
  EXPECT_EQ(ask().value_or("none"), "Name: HAProxy\n\n");
}

TEST_F(runtime_socket_test, returns_nothing_where_the_connection_is_closed_without_an_answer) {
  serve(close_at_once);
  EXPECT_EQ(ask().value_or("none"), "");
}

TEST_F(runtime_socket_test, takes_answers_of_up_to_1_MiB) {
  answers["show info"] = {std::string(longest_runtime_answer_bytes, 'x')};
  serve(answer_and_close);
  EXPECT_EQ(ask().value_or("none").size(), longest_runtime_answer_bytes);
  answers["show info"] = {std::string(longest_runtime_answer_bytes + 1, 'x')};
  EXPECT_EQ(fault_of(ask()), fault::malformed);
}

TEST_F(runtime_socket_test, an_endless_answer_is_malformed) {
  serve(answer_without_end);
  EXPECT_EQ(fault_of(ask()), fault::malformed);
}

TEST_F(runtime_socket_test, nobody_there_is_unreachable) {
  EXPECT_EQ(fault_of(ask()), fault::unreachable);
  EXPECT_EQ(fault_of(ask("")), fault::unreachable);
  EXPECT_EQ(fault_of(ask("/tmp")), fault::unreachable);
  EXPECT_EQ(fault_of(ask(std::string(200, 'x'))), fault::unreachable);
  EXPECT_EQ(fault_of(ask(std::string{"\0abstract", 9})), fault::unreachable);
}

TEST_F(runtime_socket_test, silence_is_lost_when_the_time_is_over) {
  serve(say_nothing);
  const auto begin = async::clock::now();
  EXPECT_EQ(fault_of(ask(50ms)), fault::lost);
  EXPECT_GE(async::clock::now() - begin, 50ms);
  EXPECT_LT(async::clock::now() - begin, 2s);
}

TEST_F(runtime_socket_test, an_answer_that_is_slower_than_its_time_is_lost) {
  answers["show info"] = {std::string(2000, 'x')};
  serve(answer_slowly);
  EXPECT_EQ(fault_of(ask(50ms)), fault::lost);
}

TEST_F(runtime_socket_test, a_full_queue_is_waited_for_and_then_unreachable) {
  listen_only(0);
  // The first connection stays in the queue although it has been given up, so the second finds no
  // room there.
  EXPECT_EQ(fault_of(ask(20ms)), fault::lost);
  const auto answer = ask(50ms);
  EXPECT_EQ(fault_of(answer), fault::unreachable);
  EXPECT_THAT(answer.error().text, HasSubstr("waiting"));
}

TEST_F(runtime_socket_test, a_cancelled_question_ends_and_leaves_nothing_behind) {
  serve(say_nothing);
  std::optional<result<std::string>> outcome;
  async::task_group asking{context.get_executor()};
  asking.spawn(async::keep_result(ask_runtime(socket_path(), "show info", async::clock::now() + 1h),
                                  outcome));
  while (lines.empty())
    context.run_one();
  asking.cancel();
  while (asking.size() > 0)
    context.run_one();
  EXPECT_FALSE(outcome) << "it ended by the exception of a cancelled task";
}

}  // namespace
}  // namespace canaryd::platform
