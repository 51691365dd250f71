#include "canaryd/daemon/poll_arms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/deployments/driver_fixture.hpp"
#include <utility>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using platform::answer;
using platform::scripted_answer;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto of_canary =
    R"({"error_rate":0.02,"satisfaction_score":4,"avg_latency_ms":300,"conversation_count":90,)"
    R"("p95":900})";
constexpr auto of_stable =
    R"({"error_rate":0.01,"satisfaction_score":4,"avg_latency_ms":310,"conversation_count":1900})";

constexpr bool canary_alone = false;
constexpr bool both_arms = true;

async::task<> poll_into(platform::driver& api, platform::target where,
                        platform::metrics_query query, std::optional<canary::poll_answered>& told) {
  told = co_await poll_arms(api, where, query, both_arms);
}

class poll_arms_test : public platform::deployments::driver_test {
 protected:
  void answer_arms(scripted_answer canary, scripted_answer stable) {
    transport.reply_to = [canary, stable](const net::request& message) {
      return message.target.target.contains("metricType=stable") ? stable : canary;
    };
  }

  platform::metrics_query query() {
    return {.further = {"p95"}, .window = 5min, .time = 60s, .on_sent = [this] { ++sent; }};
  }

  canary::poll_answered poll(bool with_stable) {
    return time.await(poll_arms(api, where, query(), with_stable));
  }

  std::vector<std::string> windows_and_arms() const {
    std::vector<std::string> all;
    for (const auto& request : transport.requests) {
      const auto& target = request.message.target.target;
      all.push_back(target.substr(target.find("window=")));
    }
    return all;
  }

  int sent = 0;
};

TEST_F(poll_arms_test, the_canary_is_asked_alone_where_it_is_held_against_limits) {
  answer_arms(answer(200, of_canary), answer(200, of_stable));
  const auto told = poll(canary_alone);
  ASSERT_TRUE(told.outcome) << told.outcome.error().text;
  EXPECT_EQ(told.outcome->sample.error_rate, 0.02);
  EXPECT_EQ(told.window, 5min);
  EXPECT_FALSE(told.stable);
  EXPECT_THAT(windows_and_arms(), ElementsAre("window=5m&metricType=canary"));
}

TEST_F(poll_arms_test, both_are_asked_at_the_same_time_and_are_one_poll) {
  answer_arms(answer(200, of_canary, 2s), answer(200, of_stable, 2s));
  const auto began = async::clock::now();
  const auto told = poll(both_arms);
  ASSERT_TRUE(told.outcome) << told.outcome.error().text;
  ASSERT_TRUE(told.stable && *told.stable);
  EXPECT_EQ(told.outcome->sample.error_rate, 0.02);
  EXPECT_EQ((*told.stable)->sample.error_rate, 0.01);
  EXPECT_THAT(windows_and_arms(),
              ElementsAre("window=5m&metricType=canary", "window=5m&metricType=stable"));
  EXPECT_EQ(async::clock::now(), began + 2s);
  EXPECT_EQ(sent, 1);
}

TEST_F(poll_arms_test, further_metrics_are_asked_of_the_canary_alone) {
  options.fallback_metrics_url = "https://backup.example.com/metrics";
  api.reconfigure(options);
  answer_arms(answer(200, of_canary), answer(200, of_stable));
  const auto told = poll(both_arms);
  ASSERT_TRUE(told.outcome && told.stable && *told.stable);
  EXPECT_EQ(told.outcome->sample.further.size(), 1U);
  // The stable arm's answer lacks it, and nothing else was asked for it.
  EXPECT_EQ(transport.requests.size(), 2U);
}

TEST_F(poll_arms_test, it_fails_where_the_canary_fails) {
  answer_arms(answer(403), answer(200, of_stable));
  const auto told = poll(both_arms);
  ASSERT_FALSE(told.outcome);
  EXPECT_EQ(told.outcome.error().kind, fault::refused);
  EXPECT_THAT(told.outcome.error().text, testing::StartsWith("metrics: 403"));
}

TEST_F(poll_arms_test, what_the_canary_says_is_told_where_the_stable_arm_fails) {
  answer_arms(answer(200, of_canary), answer(404, "no such arm"));
  const auto told = poll(both_arms);
  EXPECT_TRUE(told.outcome);
  EXPECT_EQ(told.window, 5min);
  ASSERT_TRUE(told.stable);
  ASSERT_FALSE(*told.stable);
  EXPECT_EQ(told.stable->error().status, 404);
  EXPECT_EQ(told.stable_window, 5min);
}

TEST_F(poll_arms_test, each_arm_tells_its_own_window) {
  auto counted = query();
  counted.counted_from = async::clock::now() - 3min;
  counted.time = 5min;
  bool was_asked = false;
  transport.reply_to = [&](const net::request& message) {
    if (message.target.target.contains("metricType=stable"))
      return answer(200, of_stable);
    return std::exchange(was_asked, true) ? answer(200, of_canary)
                                          : answer(503, "", {}, {{"Retry-After", "5"}});
  };
  const auto told = time.await(poll_arms(api, where, counted, both_arms));
  ASSERT_TRUE(told.outcome && told.stable && *told.stable);
  EXPECT_EQ(told.window, 4min);
  EXPECT_EQ(told.stable_window, 3min);
}

TEST_F(poll_arms_test, a_cancellation_ends_both) {
  answer_arms(platform::silence(), platform::silence());
  std::optional<canary::poll_answered> told;
  const auto task = tasks.spawn(poll_into(api, where, query(), told));
  time.run_for(1s);
  EXPECT_EQ(transport.under_way, 2);
  async::task_group::cancel(task);
  time.settle();
  EXPECT_FALSE(told);
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_EQ(transport.under_way, 0);
}

}  // namespace
}  // namespace canaryd::daemon
