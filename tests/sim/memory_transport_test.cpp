#include "canaryd/sim/memory_transport.hpp"

#include "canaryd/async/task_group.hpp"

#include <gtest/gtest.h>

#include "sim/client.hpp"
#include "support/virtual_time.hpp"

namespace canaryd::sim {
namespace {

using answer_or_error = result<net::response>;

class memory_transport_test : public testing::Test {
 protected:
  static world_options options() {
    world_options made;
    made.answer_delay = 20ms;
    return made;
  }

  net::request poll(duration timeout = 30s) {
    auto built = user.request(
        "GET", "/api/v1/metrics/conversations?botId=bot_a&window=5m&metricType=stable");
    built.timeout = timeout;
    return built;
  }
  answer_or_error send(net::request message) { return time.await(net.send(std::move(message))); }
  duration elapsed() const { return async::clock::now() - instant{1h}; }

  support::virtual_time time;
  client user = std::move(client{options()}.log_in());
  memory_transport net{user.played};
};

TEST_F(memory_transport_test, an_answer_comes_after_its_delay) {
  const auto answer = send(poll());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(elapsed(), 20ms);
}

TEST_F(memory_transport_test, a_status_of_any_kind_is_an_answer) {
  user.played.add_fault({.kind = fault_kind::status, .status = 500});
  const auto answer = send(poll());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
}

TEST_F(memory_transport_test, an_answer_that_never_comes_is_lost_at_the_timeout) {
  user.played.add_fault({.kind = fault_kind::lost_after});
  const auto answer = send(poll(5s));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, canaryd::fault::lost);
  EXPECT_EQ(elapsed(), 5s);
}

TEST_F(memory_transport_test, an_answer_slower_than_the_timeout_is_lost) {
  user.played.add_fault({.kind = fault_kind::slow, .delay = 10s});
  EXPECT_EQ(send(poll(5s)).error().kind, canaryd::fault::lost);
  EXPECT_EQ(elapsed(), 5s);
  EXPECT_TRUE(send(poll(11s)));
}

TEST_F(memory_transport_test, a_broken_connection_is_lost_when_it_breaks) {
  user.played.add_fault({.kind = fault_kind::lost_before, .count = 1});
  EXPECT_EQ(send(poll()).error().kind, canaryd::fault::lost);
  EXPECT_EQ(elapsed(), 20ms);
  user.played.add_fault({.kind = fault_kind::cut_body, .count = 1});
  EXPECT_EQ(send(poll()).error().kind, canaryd::fault::lost);
}

TEST_F(memory_transport_test, a_read_on_a_used_connection_that_breaks_is_sent_again) {
  user.played.add_fault({.kind = fault_kind::lost_on_reuse});
  EXPECT_TRUE(send(poll()));
  const auto before = user.played.count(call::metrics);
  EXPECT_TRUE(send(poll()));
  EXPECT_EQ(user.played.count(call::metrics), before + 2);
  auto alone = poll();
  alone.may_repeat = [] { return false; };
  EXPECT_EQ(send(alone).error().kind, canaryd::fault::lost);
  EXPECT_TRUE(send(poll()));
  auto fresh = poll();
  fresh.may_repeat = [] { return false; };
  fresh.fresh_connection = true;
  EXPECT_TRUE(send(fresh));
}

TEST_F(memory_transport_test, an_oversize_body_is_malformed) {
  user.played.add_fault({.kind = fault_kind::oversize});
  EXPECT_EQ(send(poll()).error().kind, canaryd::fault::malformed);
}

TEST_F(memory_transport_test, a_cut_network_is_unreachable_and_nothing_is_sent) {
  net.cut(3s);
  const auto before = user.played.count(call::metrics);
  const auto answer = send(poll());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, canaryd::fault::unreachable);
  EXPECT_EQ(elapsed(), 3s);
  EXPECT_EQ(user.played.count(call::metrics), before);
  net.mend();
  EXPECT_TRUE(send(poll()));
}

TEST_F(memory_transport_test, error_texts_leave_out_the_query) {
  net.cut();
  EXPECT_EQ(send(poll()).error().text,
            "https://sim/api/v1/metrics/conversations: the simulated network is cut");
}

async::task<> send_and_forget(memory_transport& net, net::request message) {
  co_await net.send(std::move(message));
}

TEST_F(memory_transport_test, a_cancelled_send_may_have_happened) {
  async::task_group group{time.executor()};
  group.spawn(
      send_and_forget(net, user.request("POST", "/api/v1/bots/bot_a/deploy", deploy_body())));
  time.settle();
  EXPECT_EQ(net.in_flight(), 1U);
  group.cancel();
  time.run();
  EXPECT_EQ(group.size(), 0U);
  EXPECT_EQ(net.in_flight(), 0U);
  EXPECT_EQ(user.played.deployments().size(), 1U);
}

TEST_F(memory_transport_test, requests_in_flight_are_counted) {
  async::task_group group{time.executor()};
  for (int i = 0; i < 7; ++i)
    group.spawn(send_and_forget(net, poll()));
  time.run();
  EXPECT_EQ(net.most_in_flight(), 7U);
  EXPECT_EQ(net.in_flight(), 0U);
}

}  // namespace
}  // namespace canaryd::sim
