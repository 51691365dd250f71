#include "canaryd/net/deadline.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace canaryd::net {
namespace {

using namespace std::chrono_literals;

class deadline_test : public testing::Test {
 protected:
  // How late the deadline called if the loop was blocked for `stall` at the start.
  duration called_after(duration stall) {
    const auto at = async::clock::now() + 10ms;
    std::optional<instant> called;
    const deadline limit{context.get_executor(), at, [&called] { called = async::clock::now(); }};
    boost::asio::post(context, [stall] { std::this_thread::sleep_for(stall); });
    context.restart();
    context.run();
    return called.value() - at;
  }

  boost::asio::io_context context{1};
};

TEST_F(deadline_test, calls_when_its_time_has_come) {
  EXPECT_GE(called_after(0ms), 0ms);
}

TEST_F(deadline_test, gives_what_waited_with_it_its_turn_where_the_loop_is_late) {
  EXPECT_GE(called_after(110ms), 190ms);
}

TEST_F(deadline_test, never_calls_once_it_is_gone) {
  bool called = false;
  {
    const deadline limit{context.get_executor(), async::clock::now(), [&called] { called = true; }};
  }
  context.run();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace canaryd::net
