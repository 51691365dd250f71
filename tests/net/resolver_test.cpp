#include "canaryd/net/resolver.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>

namespace canaryd::net {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

// A name server that answers when the test says so. It is shared with the look-up's thread, which
// nobody joins.
struct slow_server {
  std::atomic<int> questions{0};
  std::counting_semaphore<> answers{0};
};

class resolver_test : public testing::Test {
 protected:
  ~resolver_test() override { server->answers.release(100); }

  result<address_list> resolve(resolver& names, std::string host, duration patience) {
    result<address_list> found;
    start(names, std::move(host), patience, found);
    context.restart();
    context.run();
    return found;
  }

  void start(resolver& names, std::string host, duration patience, result<address_list>& found) {
    boost::asio::co_spawn(context, names.resolve(std::move(host), async::clock::now() + patience),
                          [&found](const std::exception_ptr& problem, result<address_list> result) {
                            if (problem)
                              std::rethrow_exception(problem);
                            found = std::move(result);
                          });
  }

  lookup_function ask_server() {
    return [server = server](const std::string&) -> result<address_list> {
      ++server->questions;
      server->answers.acquire();
      return address_list{make_address("127.0.0.9")};
    };
  }

  std::shared_ptr<slow_server> server = std::make_shared<slow_server>();
  boost::asio::io_context context{1};
};

TEST_F(resolver_test, an_address_is_its_own_answer) {
  resolver names{context.get_executor(), ask_server()};
  EXPECT_EQ(*resolve(names, "192.0.2.1", 1s), address_list{make_address("192.0.2.1")});
  EXPECT_EQ(*resolve(names, "::1", 1s), address_list{make_address("::1")});
  EXPECT_EQ(server->questions, 0);
}

TEST_F(resolver_test, the_system_knows_localhost) {
  resolver names{context.get_executor()};
  const auto found = resolve(names, "localhost", 5s);
  ASSERT_TRUE(found) << found.error().text;
  ASSERT_FALSE(found->empty());
  for (const auto& address : *found)
    EXPECT_TRUE(address.is_loopback());
}

TEST_F(resolver_test, a_name_that_does_not_exist_is_unreachable) {
  const auto found = system_lookup("no such name");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, fault::unreachable);
  EXPECT_TRUE(found.error().text.starts_with("cannot resolve no such name: "));
}

TEST_F(resolver_test, a_server_that_is_silent_holds_neither_the_deadline_nor_the_loop) {
  resolver names{context.get_executor(), ask_server()};
  const auto found = resolve(names, "slow.example", 20ms);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, fault::unreachable);
  EXPECT_EQ(found.error().text, "cannot resolve slow.example: no answer in time");
  EXPECT_TRUE(context.stopped());
}

TEST_F(resolver_test, who_asks_for_the_same_name_shares_the_look_up) {
  resolver names{context.get_executor(), ask_server()};
  std::vector<result<address_list>> found(10);
  for (auto& each : found)
    start(names, "slow.example", 5s, each);
  context.poll();
  server->answers.release();
  context.run();
  for (const auto& each : found)
    EXPECT_EQ(*each, address_list{make_address("127.0.0.9")});
  EXPECT_EQ(server->questions, 1);
}

TEST_F(resolver_test, addresses_serve_for_a_while_unless_they_are_of_no_use) {
  resolver names{context.get_executor(), ask_server()};
  server->answers.release(3);
  EXPECT_TRUE(resolve(names, "busy.example", 5s));
  EXPECT_EQ(*resolve(names, "busy.example", 5s), address_list{make_address("127.0.0.9")});
  EXPECT_EQ(server->questions, 1);
  EXPECT_TRUE(resolve(names, "other.example", 5s));
  EXPECT_EQ(server->questions, 2);
  names.forget("busy.example");
  EXPECT_TRUE(resolve(names, "busy.example", 5s));
  EXPECT_EQ(server->questions, 3);
}

TEST_F(resolver_test, a_failure_is_not_kept) {
  int questions = 0;
  resolver names{context.get_executor(), [&](const std::string&) -> result<address_list> {
                   if (++questions == 1)
                     return std::unexpected{error{.text = "not yet"}};
                   return address_list{make_address("127.0.0.9")};
                 }};
  EXPECT_FALSE(resolve(names, "new.example", 5s));
  EXPECT_TRUE(resolve(names, "new.example", 5s));
}

TEST_F(resolver_test, no_more_than_sixteen_look_ups_are_under_way) {
  resolver names{context.get_executor(), ask_server()};
  for (int i = 0; i < 16; ++i)
    EXPECT_FALSE(resolve(names, "name" + std::to_string(i), 1ms));
  const auto one_more = resolve(names, "another", 5s);
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().text, "cannot resolve another: too many look-ups under way");
}

TEST_F(resolver_test, a_cancelled_task_leaves_at_once) {
  resolver names{context.get_executor(), ask_server()};
  boost::asio::cancellation_signal signal;
  std::exception_ptr thrown;
  boost::asio::co_spawn(
      context, names.resolve("slow.example", async::clock::now() + 1h),
      boost::asio::bind_cancellation_slot(
          signal.slot(), [&thrown](const std::exception_ptr& problem, const result<address_list>&) {
            thrown = problem;
          }));
  context.poll();
  signal.emit(boost::asio::cancellation_type::terminal);
  context.run();
  EXPECT_TRUE(async::is_cancellation(thrown));
}

}  // namespace
}  // namespace canaryd::net
