// Polls that count conversations from a moment on, in whole units.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/deployments/driver_fixture.hpp"

namespace canaryd::platform::deployments {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr auto full =
    R"({"error_rate":0.01,"satisfaction_score":4,"avg_latency_ms":300,"conversation_count":90})";
constexpr auto from = instant{1h};

async::task<> poll_into(deployments_driver& api, target where, metrics_query query,
                        std::optional<poll_answer>& outcome) {
  outcome = co_await api.poll(where, query);
}

class counted_poll : public driver_test {
 protected:
  // Begins at `at` after the counting does.
  poll_answer poll(duration at, duration interval) {
    time.run_until(from + at);
    return time.await(api.poll(where, query_for(interval)));
  }

  static metrics_query query_for(duration interval) {
    return {.counted_from = from, .time = interval};
  }

  void use_unit(char unit) {
    options.window_unit = unit;
    api.reconfigure(options);
  }

  // The primary answers from `answers`, the fallback with this.
  void answer_fallback(std::string body) {
    options.fallback_metrics_url = "https://backup.example.com/metrics";
    api.reconfigure(options);
    transport.reply_to = [this, body](const net::request& message) {
      if (message.target.host == "backup.example.com")
        return answer(200, body);
      auto next = transport.answers.front();
      if (transport.answers.size() > 1)
        transport.answers.pop_front();
      return next;
    };
  }

  // As "seconds after the counting began: window".
  std::vector<std::string> sent() const {
    std::vector<std::string> all;
    for (const auto& request : transport.requests) {
      const std::string_view target = request.message.target.target;
      const auto window = target.substr(target.find("window=") + 7);
      const std::chrono::duration<double> at = request.at - from;
      all.push_back(fmt::format("{}: {}", at.count(), window.substr(0, window.find('&'))));
    }
    return all;
  }
};

TEST_F(counted_poll, asks_for_all_units_since_then) {
  transport.answers = {answer(200, full)};
  const auto polled = poll(3min, 1min);
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_EQ(polled.window, 3min);
  EXPECT_EQ(only_request().target.target,
            "/api/v1/metrics/conversations?botId=bot_1&window=3m&metricType=canary");
}

TEST_F(counted_poll, asks_the_same_of_the_stable_arm) {
  transport.answers = {answer(200, full)};
  time.run_until(from + 3min);
  auto query = query_for(1min);
  query.of = arm::stable;
  EXPECT_TRUE(time.await(api.poll(where, query)).outcome);
  EXPECT_EQ(only_request().target.target,
            "/api/v1/metrics/conversations?botId=bot_1&window=3m&metricType=stable");
}

TEST_F(counted_poll, asks_for_a_day_at_most) {
  transport.answers = {answer(200, full)};
  EXPECT_EQ(poll(25h, 1min).window, 24h);
  EXPECT_THAT(sent(), ElementsAre("90000: 1440m"));
}

TEST_F(counted_poll, that_is_late_waits_for_the_end_of_the_next_unit) {
  transport.answers = {answer(200, full)};
  EXPECT_EQ(poll(3min + 2s, 2min).window, 3min);
  EXPECT_EQ(poll(3min + 3s, 2min).window, 4min);
  EXPECT_THAT(sent(), ElementsAre("182: 3m", "240: 4m"));
}

TEST_F(counted_poll, in_seconds_does_not_wait) {
  use_unit('s');
  transport.answers = {answer(503, "", {}, {{"Retry-After", "7"}}), answer(200, full)};
  EXPECT_EQ(poll(3min + 500ms, 1min).window, 187s);
  EXPECT_THAT(sent(), ElementsAre("180.5: 180s", "187.5: 187s"));
}

TEST_F(counted_poll, attempt_after_a_backoff_asks_for_what_has_ended_by_then) {
  transport.answers = {answer(500), answer(503, "", {}, {{"Retry-After", "2"}}), answer(200, full)};
  EXPECT_EQ(poll(3min, 2min).window, 4min);
  // Half a second's backoff is no lateness; two seconds more are.
  EXPECT_THAT(sent(), ElementsAre("180: 3m", "180.5: 3m", "240: 4m"));
}

TEST_F(counted_poll, attempt_that_was_lost_is_repeated_at_the_end_of_a_unit) {
  options.request_timeout = 10s;
  api.reconfigure(options);
  transport.answers = {silence(), answer(200, full)};
  EXPECT_EQ(poll(3min, 2min).window, 4min);
  EXPECT_THAT(sent(), ElementsAre("180: 3m", "240: 4m"));
}

TEST_F(counted_poll, that_was_kept_waiting_for_a_token_waits_for_the_end_of_a_unit) {
  transport.token_answers.front().after = 5s;
  transport.answers = {answer(200, full)};
  EXPECT_EQ(poll(3min, 2min).window, 4min);
  EXPECT_THAT(sent(), ElementsAre("240: 4m"));
}

TEST_F(counted_poll, repeat_after_a_401_asks_for_what_has_ended_by_then) {
  transport.answers = {answer(401, "stale", 10s), answer(200, full)};
  EXPECT_EQ(poll(3min, 2min).window, 4min);
  EXPECT_THAT(sent(), ElementsAre("180: 3m", "240: 4m"));
}

TEST_F(counted_poll, wait_for_the_budget_and_for_the_unit_it_missed_is_lateness_not_an_error) {
  transport.answers = {answer(200, full)};
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
  transport.requests.clear();
  time.run_until(from + 3min);
  budget.report_throttled(async::clock::now(), 10s);
  const auto polled = poll(3min, 20s);
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_EQ(polled.window, 4min);
  EXPECT_THAT(sent(), ElementsAre("240: 4m"));
}

async::task<> throttle_around_every_minute(rate_budget& budget, int minutes) {
  for (int minute = 0; minute < minutes; ++minute) {
    budget.report_throttled(async::clock::now(), 10s);
    co_await async::sleep_for(1min);
  }
}

TEST_F(counted_poll, that_the_budget_makes_late_again_and_again_goes_on_waiting) {
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
  transport.requests.clear();
  transport.answers = {answer(200, full)};
  time.run_until(from + 3min - 1s);
  tasks.spawn(throttle_around_every_minute(budget, 10));
  const auto polled = poll(3min, 20s);
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_THAT(sent(), ElementsAre("780: 13m"));
}

async::task<> wait_for_permit(rate_budget& budget, priority rank, std::vector<instant>& got) {
  const auto permit = co_await budget.admit(rank);
  got.push_back(async::clock::now());
}

TEST_F(counted_poll, that_waited_its_turn_in_vain_is_served_before_other_polls) {
  EXPECT_TRUE(time.await(api.promote(where, "d-1", {}, "k")));
  transport.requests.clear();
  // A request every two seconds at most, and forty polls that wait already.
  budget.reconfigure({.requests = 50, .per = 90s, .max_connections = 32});
  time.run_until(from + 3min);
  std::vector<instant> others;
  for (int i = 0; i < 40; ++i)
    tasks.spawn(wait_for_permit(budget, priority::poll, others));
  std::optional<poll_answer> outcome;
  tasks.spawn(poll_into(api, where, query_for(5min), outcome));
  time.run_until(from + 3min + 1s);
  for (int i = 0; i < 200; ++i)
    tasks.spawn(wait_for_permit(budget, priority::poll, others));
  transport.answers = {answer(200, full)};
  time.run_until(from + 6min);
  ASSERT_TRUE(outcome);
  ASSERT_EQ(transport.requests.size(), 1U);
  EXPECT_LT(others.size(), 240U);
}

TEST_F(counted_poll, holds_no_permit_while_it_waits_for_a_unit) {
  budget.reconfigure({.requests = 60'000, .per = 60s, .max_connections = 1});
  transport.answers = {answer(200, full)};
  std::optional<poll_answer> outcome;
  time.run_until(from + 3min + 10s);
  tasks.spawn(poll_into(api, where, query_for(2min), outcome));
  time.run_for(1s);
  EXPECT_FALSE(outcome);
  int promoted = 0;
  tasks.spawn(promote_and_count(api, where, promoted));
  time.run_for(1s);
  EXPECT_EQ(promoted, 1);
  time.run_until(from + 4min);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->window, 4min);
}

TEST_F(counted_poll, does_not_wait_beyond_its_end) {
  transport.answers = {answer(503, "", {}, {{"Retry-After", "5"}}), answer(200, full)};
  const auto polled = poll(3min, 1min);
  ASSERT_FALSE(polled.outcome);
  EXPECT_EQ(polled.outcome.error().status, 503);
  EXPECT_EQ(polled.window, 3min);
  EXPECT_THAT(sent(), ElementsAre("180: 3m"));
  EXPECT_LT(async::clock::now(), from + 4min);
}

TEST_F(counted_poll, has_its_time_for_the_answer_after_the_end_of_the_unit) {
  transport.answers = {answer(200, full, 15s)};
  const auto polled = poll(3min + 10s, 20s);
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_EQ(polled.asked_at, from + 4min);
  EXPECT_EQ(async::clock::now(), from + 4min + 15s);
}

TEST_F(counted_poll, can_be_cancelled_while_it_waits_for_a_unit) {
  std::optional<poll_answer> outcome;
  time.run_until(from + 3min + 10s);
  const auto task = tasks.spawn(poll_into(api, where, query_for(2min), outcome));
  time.run_for(1s);
  async::task_group::cancel(task);
  time.settle();
  EXPECT_FALSE(outcome);
  EXPECT_EQ(tasks.size(), 0U);
}

TEST_F(counted_poll, fallback_is_asked_for_what_has_ended_by_then) {
  answer_fallback(full);
  transport.answers = {answer(404, "no", 5s)};
  const auto polled = poll(3min, 2min);
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_EQ(polled.outcome->source, judge::metrics_source::fallback);
  EXPECT_EQ(polled.window, 4min);
  EXPECT_THAT(sent(), ElementsAre("180: 3m", "240: 4m"));
}

TEST_F(counted_poll, that_waits_for_a_unit_leaves_the_fallback_a_third_of_its_time) {
  answer_fallback(full);
  options.request_timeout = 5min;
  api.reconfigure(options);
  // It has answered before, and at once.
  EXPECT_TRUE(poll(1min, 1min).outcome);
  transport.requests.clear();
  transport.answers = {answer(404)};
  EXPECT_TRUE(poll(3min + 10s, 120s).outcome);
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_EQ(transport.requests.front().message.timeout, 80s);
}

TEST_F(counted_poll, sample_of_both_tells_the_primarys_window_and_never_mixes_rate_and_count) {
  answer_fallback(R"({"error_rate":0.5,"satisfaction_score":3,"conversation_count":40})");
  transport.answers = {answer(200, R"({"error_rate":0.01,"avg_latency_ms":300})", 5s)};
  const auto polled = poll(3min, 2min);
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_EQ(polled.outcome->source, judge::metrics_source::merged);
  EXPECT_EQ(polled.outcome->sample, (judge::metrics_sample{.error_rate = 0.5,
                                                           .satisfaction_score = 3.0,
                                                           .avg_latency_ms = 300.0,
                                                           .conversation_count = 40}));
  EXPECT_EQ(polled.window, 3min);
}

}  // namespace
}  // namespace canaryd::platform::deployments
