// The splitter asks a real HAProxy.
#include "real_haproxy.hpp"
#include <array>
#include <signal.h>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;

class real_splitter : public real_haproxy {
 protected:
  real_splitter() { start("orders 0\nsurveys 0\nodd 20000\nbelow -4\n"); }

  template <class T>
  static fault fault_of(const result<T>& outcome) {
    EXPECT_FALSE(outcome);
    return outcome ? fault::system : outcome.error().kind;
  }

  // HAProxy counts a request a moment after its answer has gone out.
  backend_counters count_when_it_has(std::uint64_t requests) {
    backend_counters counted;
    EXPECT_TRUE(within(5s, [&] {
      auto read = finish(splitter.read_counters(bot.canary_backend));
      EXPECT_TRUE(read) << read.error().text;
      counted = std::move(read).value();
      return counted.requests >= requests && counted.sessions >= requests;
    }));
    return counted;
  }

  haproxy_splitter splitter = make_splitter();
};

TEST_F(real_splitter, reads_back_what_it_sets_and_leaves_other_keys_alone) {
  for (const basis_points share : {0, 1, 500, 9999, 10'000, 0}) {
    const auto done = finish(splitter.set_share("orders", share));
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(finish(splitter.read_share("orders")).value_or(-1), share);
    EXPECT_EQ(finish(splitter.read_share("surveys")).value_or(-1), 0);
  }
}

TEST_F(real_splitter, refuses_keys_maps_and_backends_that_HAProxy_does_not_have) {
  EXPECT_EQ(fault_of(finish(splitter.read_share("nobody"))), fault::refused);
  EXPECT_EQ(fault_of(finish(splitter.set_share("nobody", 1))), fault::refused);
  EXPECT_EQ(fault_of(finish(splitter.read_counters("nobody"))), fault::refused);
  // Names of a frontend and of a number.
  EXPECT_EQ(fault_of(finish(splitter.read_counters("canaryd_orders"))), fault::refused);
  EXPECT_EQ(fault_of(finish(splitter.read_counters("3"))), fault::refused);
  haproxy_splitter other{{.socket = bot.stats_socket, .map = "/etc/none.map"}};
  EXPECT_EQ(fault_of(finish(other.read_share("orders"))), fault::refused);
  EXPECT_EQ(fault_of(finish(other.set_share("orders", 1))), fault::refused);
}

TEST_F(real_splitter, says_that_a_value_is_no_share) {
  EXPECT_EQ(fault_of(finish(splitter.read_share("odd"))), fault::malformed);
  EXPECT_EQ(fault_of(finish(splitter.read_share("below"))), fault::malformed);
}

TEST_F(real_splitter, counts_what_each_arm_has_answered) {
  const auto before = count_when_it_has(0);
  EXPECT_EQ(before.requests, 0U);
  set_share(10'000);
  for (int i = 0; i < 7; ++i)
    EXPECT_TRUE(is_on_canary("s"));
  const auto after = count_when_it_has(7);
  EXPECT_EQ(after.requests, 7U);
  EXPECT_EQ(after.sessions, 7U);
  EXPECT_EQ(after.answers_5xx, 0U);
  EXPECT_EQ(after.start, before.start);
  EXPECT_GE(after.total_time, after.response_time);
}

TEST_F(real_splitter, counts_answers_of_5xx) {
  set_share(10'000);
  cognigy_status = 502;
  EXPECT_EQ(say("s"), "502");
  EXPECT_EQ(say("s"), "502");
  EXPECT_EQ(count_when_it_has(2).answers_5xx, 2U);
}

TEST_F(real_splitter, sees_a_restart_by_the_start_and_by_the_share_of_the_file) {
  set_share(500);
  const auto before = finish(splitter.read_counters("orders_canary"));
  restart();
  const auto after = finish(splitter.read_counters("orders_canary"));
  ASSERT_TRUE(before && after);
  EXPECT_NE(before->start, after->start);
  EXPECT_EQ(finish(splitter.read_share("orders")).value_or(-1), 0);
}

TEST_F(real_splitter, many_calls_run_at_the_same_time) {
  auto patient = make_splitter(10s);
  std::array<std::optional<result<basis_points>>, 200> shares;
  std::array<std::optional<result<backend_counters>>, 20> counters;
  async::task_group asking{context.get_executor()};
  for (auto& share : shares)
    asking.spawn(async::keep_result(patient.read_share("orders"), share));
  for (auto& counted : counters)
    asking.spawn(async::keep_result(patient.read_counters("orders_canary"), counted));
  context.restart();
  context.run();
  for (const auto& share : shares)
    EXPECT_TRUE(share.value()) << share->error().text;
  for (const auto& counted : counters)
    EXPECT_TRUE(counted.value()) << counted->error().text;
}

TEST_F(real_splitter, a_HAProxy_that_stands_still_is_an_error_after_the_timeout) {
  auto hasty = make_splitter(200ms);
  signal_haproxy(SIGSTOP);
  const auto begin = async::clock::now();
  EXPECT_EQ(fault_of(finish(hasty.read_share("orders"))), fault::lost);
  EXPECT_EQ(fault_of(finish(hasty.set_share("orders", 1))), fault::lost);
  EXPECT_LT(async::clock::now() - begin, 3s);
  signal_haproxy(SIGCONT);
  EXPECT_TRUE(within(5s, [&] { return finish(hasty.read_share("orders")).has_value(); }));
}

TEST_F(real_splitter, a_dead_HAProxy_is_unreachable) {
  signal_haproxy(SIGKILL);
  EXPECT_TRUE(within(
      5s, [&] { return fault_of(finish(splitter.read_share("orders"))) == fault::unreachable; }));
}

}  // namespace
}  // namespace canaryd::platform
