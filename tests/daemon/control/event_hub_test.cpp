#include "canaryd/daemon/control/event_hub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/virtual_time.hpp"

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;

class event_hub_test : public testing::Test {
 protected:
  // Returns the next event within a second.
  std::string next(subscription& listener) {
    const auto event = time.await(listener.next(async::clock::now() + 1s));
    return event ? *event : "ended";
  }

  support::virtual_time time;
  event_hub hub{time.executor()};
};

TEST_F(event_hub_test, nobody_listens_at_first) {
  EXPECT_FALSE(hub.has_listeners());
  hub.publish("state", "a", "{}");
}

TEST_F(event_hub_test, every_listener_gets_every_event_in_order) {
  const auto one = hub.listen("");
  const auto other = hub.listen("");
  hub.publish("state", "a", "{}");
  hub.publish("log", "", R"({"level":"info"})");
  for (const auto& listener : {one, other}) {
    EXPECT_EQ(next(*listener), "event: state\ndata: {}\n\n");
    EXPECT_EQ(next(*listener), "event: log\ndata: {\"level\":\"info\"}\n\n");
  }
}

TEST_F(event_hub_test, a_listener_of_one_job_gets_nothing_else) {
  const auto listener = hub.listen("a");
  hub.publish("state", "b", "1");
  hub.publish("log", "", "2");
  hub.publish("reading", "a", "3");
  EXPECT_EQ(next(*listener), "event: reading\ndata: 3\n\n");
}

TEST_F(event_hub_test, a_heartbeat_comes_where_nothing_happens) {
  const auto listener = hub.listen("");
  const auto before = async::clock::now();
  EXPECT_EQ(next(*listener), ":\n\n");
  EXPECT_EQ(async::clock::now() - before, 1s);
}

TEST_F(event_hub_test, a_listener_that_is_256_events_behind_is_dropped) {
  const auto slow = hub.listen("");
  const auto quick = hub.listen("");
  int ends = 0;
  slow->on_end([&] { ++ends; });
  for (std::size_t i = 0; i < subscription::max_waiting; ++i) {
    hub.publish("state", "a", "{}");
    next(*quick);
  }
  EXPECT_FALSE(slow->has_ended());
  hub.publish("state", "a", "{}");
  EXPECT_TRUE(slow->has_ended());
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(next(*slow), "ended");
  EXPECT_EQ(next(*quick), "event: state\ndata: {}\n\n");
  EXPECT_EQ(hub.listeners(), 1U);
}

TEST_F(event_hub_test, no_more_than_16_listen_at_a_time) {
  std::vector<std::shared_ptr<subscription>> all;
  for (std::size_t i = 0; i < event_hub::max_listeners; ++i)
    all.push_back(hub.listen(""));
  EXPECT_EQ(hub.listen(""), nullptr);
  all.front()->close();
  EXPECT_NE(hub.listen(""), nullptr);
  all.pop_back();
  EXPECT_NE(hub.listen(""), nullptr);
}

TEST_F(event_hub_test, who_has_gone_does_not_count) {
  hub.listen("");
  EXPECT_FALSE(hub.has_listeners());
}

}  // namespace
}  // namespace canaryd::daemon
