#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/deployments/driver_fixture.hpp"
#include <cmath>

namespace canaryd::platform::deployments {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto full_answer =
    R"({"error_rate":0.01,"satisfaction_score":4,"avg_latency_ms":300,"conversation_count":90})";
constexpr auto start = instant{1h};

async::task<> poll_into(deployments_driver& api, target where, metrics_query query,
                        std::optional<result<judge::sourced_sample>>& outcome) {
  outcome = (co_await api.poll(where, query)).outcome;
}

class metric_poll : public driver_test {
 protected:
  result<judge::sourced_sample> poll(duration interval = 60s, duration window = 15min) {
    return time.await(api.poll(where, {.window = window, .time = interval})).outcome;
  }

  // It has answered before, and at once.
  void know_the_api() {
    transport.answers = {answer(200, full_answer)};
    EXPECT_TRUE(poll());
    transport.requests.clear();
  }

  void use_fallback() {
    options.fallback_metrics_url = "https://backup.example.com/metrics?tenant=7";
    api.reconfigure(options);
  }

  // Answers the primary from `answers`, the fallback with this.
  void answer_fallback(scripted_answer reply) {
    use_fallback();
    transport.reply_to = [this, reply](const net::request& message) {
      if (message.target.host == "backup.example.com")
        return reply;
      auto next = transport.answers.front();
      if (transport.answers.size() > 1)
        transport.answers.pop_front();
      return next;
    };
  }

  std::vector<duration> sent_after() const {
    std::vector<duration> times;
    for (const auto& request : transport.requests)
      times.push_back(request.at - start);
    return times;
  }
};

TEST_F(metric_poll, asks_for_the_canary_arm_in_the_configured_unit) {
  transport.answers = {answer(200, full_answer)};
  const auto polled = poll();
  ASSERT_TRUE(polled) << polled.error().text;
  EXPECT_EQ(polled->sample.error_rate, 0.01);
  EXPECT_EQ(polled->source, judge::metrics_source::primary);
  EXPECT_EQ(only_request().target.target,
            "/api/v1/metrics/conversations?botId=bot_1&window=15m&metricType=canary");
  transport.requests.clear();
  options.window_unit = 's';
  options.calls[call::metrics].path = "/{environment_id}/metrics?metricType=all";
  api.reconfigure(options);
  poll(60s, 30s);
  EXPECT_EQ(only_request().target.target,
            "/api/v1/env_1/metrics?metricType=all&botId=bot_1&window=30s");
}

TEST_F(metric_poll, tries_three_times_with_jittered_backoff) {
  transport.answers = {answer(500), failure(fault::unreachable), answer(200, full_answer)};
  EXPECT_TRUE(poll());
  // Half of one second, then half of two.
  EXPECT_THAT(sent_after(), ElementsAre(0s, 500ms, 1500ms));
}

TEST_F(metric_poll, tries_no_more_than_three_times) {
  transport.answers = {answer(500)};
  const auto polled = poll();
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().status, 500);
  EXPECT_EQ(transport.requests.size(), 3U);
  EXPECT_EQ(async::clock::now(), start + 1500ms);
}

TEST_F(metric_poll, a_malformed_answer_is_tried_again) {
  transport.answers = {answer(200, R"({"error_rate":7})"), answer(200, full_answer)};
  EXPECT_TRUE(poll());
  EXPECT_EQ(transport.requests.size(), 2U);
}

TEST_F(metric_poll, waits_for_retry_after_instead_of_backoff) {
  transport.answers = {answer(503, "", {}, {{"Retry-After", "7"}}), answer(200, full_answer)};
  EXPECT_TRUE(poll());
  EXPECT_THAT(sent_after(), ElementsAre(0s, 7s));
}

TEST_F(metric_poll, a_retry_after_that_is_over_leaves_the_backoff) {
  transport.answers = {answer(503, "", {}, {{"Retry-After", "0"}}),
                       answer(503, "", {}, {{"Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"}}),
                       answer(200, full_answer)};
  EXPECT_TRUE(poll());
  EXPECT_THAT(sent_after(), ElementsAre(0s, 500ms, 1500ms));
}

TEST_F(metric_poll, a_retry_after_is_believed_for_a_minute_at_most) {
  transport.answers = {answer(503, "", {}, {{"Retry-After", "100000"}}), answer(200, full_answer)};
  EXPECT_TRUE(poll(10min));
  EXPECT_THAT(sent_after(), ElementsAre(0s, 60s));
}

TEST_F(metric_poll, is_at_most_three_requests_however_connections_break) {
  transport.reused_ones_break = true;
  transport.answers = {failure(fault::lost), failure(fault::lost), failure(fault::lost),
                       answer(200, full_answer)};
  EXPECT_FALSE(poll());
  EXPECT_EQ(transport.requests.size(), 3U);
}

TEST_F(metric_poll, over_a_connection_that_had_been_used_and_breaks_it_is_sent_again_at_once) {
  transport.reused_ones_break = true;
  transport.answers = {answer(200, full_answer)};
  EXPECT_TRUE(poll());
  EXPECT_THAT(sent_after(), ElementsAre(0s, 0s));
}

TEST_F(metric_poll, a_repeat_over_a_fresh_connection_is_one_more_request_of_the_budget) {
  std::vector<int> seen;
  api.observe_calls([&](call, int status, duration) { seen.push_back(status); });
  transport.reused_ones_break = true;
  transport.answers = {answer(200, full_answer)};
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(poll());
  EXPECT_EQ(seen.size(), 2000U);
  EXPECT_EQ(std::ranges::count(seen, 0), 1000);
  // A burst of 6,000, and 900 a second, are all there is: most is used up at once.
  while (budget.take_at_once(priority::poll))
    seen.push_back(1);
  EXPECT_LT(seen.size(), 6010U);
}

TEST_F(metric_poll, a_401_after_two_failures_ends_it) {
  transport.answers = {answer(500), answer(500), answer(401), answer(200, full_answer)};
  EXPECT_EQ(poll().error().kind, fault::unauthorized);
  EXPECT_EQ(transport.requests.size(), 3U);
}

TEST_F(metric_poll, a_server_that_always_answers_401_gets_few_token_requests) {
  transport.answers = {answer(401)};
  for (int i = 0; i < 600; ++i) {
    poll(1s);
    time.run_for(500ms);
  }
  EXPECT_LE(transport.token_requests.size(), 16U);
}

TEST_F(metric_poll, a_refusal_ends_it_at_once) {
  transport.answers = {answer(403)};
  EXPECT_EQ(poll().error().kind, fault::refused);
  EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(metric_poll, a_second_401_ends_it_at_once) {
  transport.answers = {answer(401)};
  EXPECT_EQ(poll().error().kind, fault::unauthorized);
  EXPECT_EQ(transport.requests.size(), 2U);
}

TEST_F(metric_poll, a_missing_token_ends_it_at_once) {
  transport.token_answers = {answer(400)};
  use_fallback();
  const auto polled = poll();
  EXPECT_EQ(polled.error().kind, fault::no_token);
  EXPECT_THAT(polled.error().text, testing::Not(HasSubstr("fallback")));
  EXPECT_TRUE(transport.requests.empty());
}

TEST_F(metric_poll, no_attempt_begins_or_is_waited_for_beyond_its_end) {
  transport.answers = {answer(503, "", {}, {{"Retry-After", "20"}}), answer(200, full_answer)};
  const auto polled = poll(20s);
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().status, 503);
  EXPECT_EQ(async::clock::now(), start);
  EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(metric_poll, no_request_is_waited_for_beyond_its_end) {
  transport.answers = {silence()};
  EXPECT_EQ(poll(50s).error().kind, fault::lost);
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_EQ(transport.requests.front().message.timeout, 30s);
  EXPECT_EQ(transport.requests.back().message.timeout, 50s - 30500ms);
  EXPECT_EQ(async::clock::now(), start + 50s);
}

TEST_F(metric_poll, a_stretched_poll_gives_no_request_more_time_than_it_asked_for) {
  know_the_api();
  transport.answers = {silence()};
  EXPECT_FALSE(
      time.await(api.poll(where, {.window = 15min, .time = 25s, .request_time = 5s})).outcome);
  ASSERT_EQ(transport.requests.size(), 3U);
  EXPECT_EQ(transport.requests.front().message.timeout, 5s);
}

TEST_F(metric_poll, an_answer_may_take_what_answers_take_however_short_the_interval_is) {
  transport.answers = {answer(200, full_answer, 3s)};
  EXPECT_TRUE(time.await(api.get_deployment(where, "d-1", priority::poll)).error().text.size());
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(poll(1s));
  EXPECT_EQ(api.typical_poll(), 3s);
}

TEST_F(metric_poll, as_long_as_nothing_is_known_of_the_api_the_first_answer_may_take_its_time) {
  transport.answers = {answer(200, full_answer, 8s)};
  EXPECT_TRUE(poll(5s));
}

TEST_F(metric_poll, an_api_that_is_silent_is_not_waited_for_again) {
  transport.answers = {silence()};
  EXPECT_FALSE(poll(5s));
  const auto begun = async::clock::now();
  EXPECT_FALSE(poll(5s));
  EXPECT_EQ(async::clock::now(), begun + 5s);
}

// A transport that never connects, and gives up after 5 s.
class stalled_transport : public net::transport {
 public:
  async::task<result<net::response>> send(net::request message) override {
    if (message.target.target.contains("/oauth/token"))
      co_return net::response{.status = 200, .headers = {}, .body = R"({"access_token":"t"})"};
    co_await async::sleep_for(5s);
    co_return std::unexpected{error{.kind = fault::unreachable, .text = "no way"}};
  }
};

TEST_F(metric_poll, a_connection_that_takes_too_long_is_given_up_at_its_end) {
  stalled_transport stalled;
  token_source tokens{time.executor(), source.options(), stalled, budget, [] { return 0.0; }};
  deployments_driver slow{time.executor(), options, stalled, tokens, budget, [] { return 0.0; }};
  const auto polled = time.await(slow.poll(where, {.window = 15min, .time = 10s})).outcome;
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().kind, fault::unreachable);
  EXPECT_EQ(async::clock::now(), start + 10s);
}

// A transport on which a connection takes 20 s, and then the answer 2 s.
class slowly_connecting_transport : public net::transport {
 public:
  async::task<result<net::response>> send(net::request message) override {
    if (message.target.target.contains("/oauth/token"))
      co_return net::response{.status = 200, .headers = {}, .body = R"({"access_token":"t"})"};
    co_await async::sleep_for(20s);
    message.on_sent();
    co_await async::sleep_for(std::min<duration>(message.timeout, 2s));
    if (message.timeout < 2s)
      co_return std::unexpected{error{.kind = fault::lost, .text = "timed out"}};
    co_return net::response{.status = 200, .headers = {}, .body = full_answer};
  }
};

TEST_F(metric_poll, the_time_for_an_answer_begins_when_the_request_has_a_connection) {
  slowly_connecting_transport slow;
  token_source tokens{time.executor(), source.options(), slow, budget, [] { return 0.0; }};
  deployments_driver late{time.executor(), options, slow, tokens, budget, [] { return 0.0; }};
  instant sent;
  const auto polled = time.await(late.poll(
      where, {.window = 15min, .time = 2s, .on_sent = [&] { sent = async::clock::now(); }}));
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_EQ(sent, start + 20s);
  EXPECT_EQ(polled.asked_at, sent);
}

TEST_F(metric_poll, waiting_for_a_connection_takes_nothing_from_the_time_for_an_answer) {
  budget.reconfigure({.requests = 60'000, .per = 60s, .max_connections = 2});
  transport.answers = {answer(200, full_answer, 500ms)};
  std::vector<std::optional<result<judge::sourced_sample>>> outcomes(40);
  for (auto& each : outcomes)
    tasks.spawn(poll_into(api, where, {.window = 15min, .time = 1s}, each));
  time.run_for(10s);
  for (const auto& each : outcomes) {
    ASSERT_TRUE(each);
    EXPECT_TRUE(*each) << each->error().text;
  }
  EXPECT_EQ(transport.most_under_way, 2);
  EXPECT_NEAR(budget.polls_per_second_by_connections(), 4.0, 1e-6);
  // Nobody polls any more, so nobody knows how long an answer takes now.
  time.run_for(2min);
  EXPECT_TRUE(std::isinf(budget.polls_per_second_by_connections()));
}

TEST_F(metric_poll, what_was_lost_while_the_process_stood_still_is_asked_for_again) {
  transport.answers = {silence(), answer(200, full_answer)};
  std::optional<result<judge::sourced_sample>> outcome;
  tasks.spawn(poll_into(api, where, {.window = 15min, .time = 30s}, outcome));
  time.run_for(1s);
  time.clock().advance_to(time.context(), start + 10min);
  time.run_for(20s);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(*outcome) << outcome->error().text;
}

TEST_F(metric_poll, says_when_its_sample_was_asked_for) {
  transport.answers = {answer(503), answer(200, full_answer)};
  auto polled = time.await(api.poll(where, {.window = 15min, .time = 60s}));
  EXPECT_TRUE(polled.outcome);
  EXPECT_EQ(polled.asked_at, start + 500ms);
  const auto begun = async::clock::now();
  transport.answers = {answer(503)};
  polled = time.await(api.poll(where, {.window = 15min, .time = 60s}));
  EXPECT_FALSE(polled.outcome);
  EXPECT_EQ(polled.asked_at, begun);
}

TEST_F(metric_poll, waiting_for_the_budget_is_lateness_not_an_error) {
  budget.report_throttled(start, 2min);
  transport.answers = {answer(500), answer(200, full_answer)};
  next_random = 0.999;
  EXPECT_TRUE(poll(5s));
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_GE(transport.requests.front().at, start + 60s);
}

TEST_F(metric_poll, a_later_attempt_waits_for_the_budget_only_until_its_end) {
  transport.answers = {answer(429, "slow down", {}, {{"Retry-After", "2"}}),
                       answer(200, full_answer)};
  std::optional<result<judge::sourced_sample>> outcome;
  tasks.spawn(poll_into(api, where, {.window = 15min, .time = 10s}, outcome));
  time.run_for(1s);
  budget.report_throttled(async::clock::now(), 5min);
  time.run_for(9s);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().status, 429);
  EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(metric_poll, can_be_cancelled_at_any_time) {
  transport.answers = {silence()};
  std::optional<result<judge::sourced_sample>> outcome;
  const auto task = tasks.spawn(poll_into(api, where, {.window = 15min, .time = 60s}, outcome));
  time.run_for(1s);
  async::task_group::cancel(task);
  time.settle();
  EXPECT_FALSE(outcome);
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_EQ(transport.under_way, 0);
  EXPECT_EQ(budget.waiting(), 0U);
}

TEST_F(metric_poll, the_fallback_is_not_asked_while_the_primary_has_everything) {
  answer_fallback(answer(500));
  transport.answers = {answer(200, full_answer)};
  EXPECT_EQ(poll()->source, judge::metrics_source::primary);
  EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(metric_poll, the_fallback_is_asked_when_the_attempts_are_used_up) {
  answer_fallback(answer(200, full_answer));
  transport.answers = {answer(500)};
  const auto polled = poll();
  ASSERT_TRUE(polled) << polled.error().text;
  EXPECT_EQ(polled->source, judge::metrics_source::fallback);
  EXPECT_EQ(polled->sample.conversation_count, 90);
  ASSERT_EQ(transport.requests.size(), 3U);
  const auto& message = transport.requests.back().message;
  EXPECT_EQ(message.target.target, "/metrics?tenant=7&botId=bot_1&window=15m&metricType=canary");
  EXPECT_EQ(header_of(message, "Authorization"), "");
}

TEST_F(metric_poll, is_at_most_three_requests_with_its_fallback_too) {
  for (const bool reused_ones_break : {false, true}) {
    transport.reused_ones_break = reused_ones_break;
    for (const int status : {401, 404, 429, 500}) {
      transport.requests.clear();
      answer_fallback(answer(500));
      transport.answers = {answer(status)};
      EXPECT_FALSE(poll());
      EXPECT_LE(transport.requests.size(), 3U) << status << " " << reused_ones_break;
      EXPECT_EQ(transport.requests.back().message.target.host, "backup.example.com")
          << status << " " << reused_ones_break;
    }
  }
}

TEST_F(metric_poll, the_fallback_is_asked_after_a_refusal) {
  answer_fallback(answer(200, full_answer));
  transport.answers = {answer(404)};
  EXPECT_EQ(poll()->source, judge::metrics_source::fallback);
  EXPECT_EQ(transport.requests.size(), 2U);
}

TEST_F(metric_poll, the_fallback_is_asked_even_where_the_primary_hangs_to_the_end) {
  know_the_api();
  const auto asked_at = async::clock::now();
  answer_fallback(answer(200, full_answer));
  transport.answers = {silence()};
  EXPECT_EQ(poll(30s)->source, judge::metrics_source::fallback);
  EXPECT_EQ(async::clock::now(), asked_at + 20s);
}

TEST_F(metric_poll, the_fallback_has_its_time_even_where_the_budget_made_the_primary_late) {
  answer_fallback(answer(200, full_answer));
  transport.answers = {answer(404)};
  budget.report_throttled(start, 2min);
  const auto polled = poll(30s);
  ASSERT_TRUE(polled) << polled.error().text;
  EXPECT_EQ(polled->source, judge::metrics_source::fallback);
}

TEST_F(metric_poll, the_fallback_fills_gaps) {
  answer_fallback(answer(200, R"({"error_rate":0.9,"satisfaction_score":3})"));
  transport.answers = {answer(200, R"({"error_rate":0.01,"conversation_count":5})")};
  const auto polled = poll();
  ASSERT_TRUE(polled) << polled.error().text;
  EXPECT_EQ(polled->source, judge::metrics_source::merged);
  EXPECT_EQ(polled->sample,
            (judge::metrics_sample{
                .error_rate = 0.01, .satisfaction_score = 3.0, .conversation_count = 5}));
}

TEST_F(metric_poll, the_fallback_is_asked_for_a_missing_further_metric) {
  constexpr auto with_p95 = R"({"error_rate":0.9,"p95":800})";
  answer_fallback(answer(200, with_p95));
  transport.answers = {answer(200, full_answer)};
  const auto polled =
      time.await(api.poll(where, {.further = {"p95"}, .window = 15min, .time = 60s}));
  ASSERT_TRUE(polled.outcome) << polled.outcome.error().text;
  EXPECT_EQ(polled.outcome->source, judge::metrics_source::merged);
  EXPECT_EQ(polled.outcome->sample.error_rate, 0.01);
  EXPECT_EQ(polled.outcome->sample.further,
            (decltype(judge::metrics_sample::further){{"p95", 800}}));
}

TEST_F(metric_poll, a_fallback_that_fails_or_knows_no_more_leaves_the_primarys_sample) {
  for (const auto& reply : {answer(500), answer(200), answer(200, "x")}) {
    answer_fallback(reply);
    transport.answers = {answer(200, R"({"error_rate":0.01})")};
    const auto polled = poll();
    ASSERT_TRUE(polled) << polled.error().text;
    EXPECT_EQ(polled->source, judge::metrics_source::primary);
    EXPECT_EQ(polled->sample, judge::metrics_sample{.error_rate = 0.01});
  }
}

TEST_F(metric_poll, a_fallback_that_is_nowhere_is_not_asked) {
  options.fallback_metrics_url = "nowhere";
  api.reconfigure(options);
  transport.answers = {answer(404)};
  const auto polled = poll();
  ASSERT_FALSE(polled);
  EXPECT_THAT(polled.error().text, HasSubstr("; fallback: "));
  EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(metric_poll, two_failures_are_both_told) {
  answer_fallback(answer(401, "who are you"));
  transport.answers = {answer(404, "no such bot")};
  const auto polled = poll();
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().status, 404);
  EXPECT_THAT(polled.error().text, HasSubstr("no such bot"));
  EXPECT_THAT(polled.error().text, HasSubstr("; fallback: metrics: 401"));
  // The fallback's 401 says nothing of the token.
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(metric_poll, the_fallback_gets_no_token) {
  answer_fallback(answer(200, full_answer));
  transport.answers = {answer(404)};
  EXPECT_EQ(poll()->source, judge::metrics_source::fallback);
  const auto has_token = [](const auto& sent) {
    return std::ranges::any_of(
        sent.message.headers, [](const net::header& each) { return each.name == "Authorization"; });
  };
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_TRUE(has_token(transport.requests[0]));
  EXPECT_FALSE(has_token(transport.requests[1]));
}

TEST_F(metric_poll, a_429_of_the_fallback_slows_the_fallback_alone) {
  answer_fallback(answer(429, "", {}, {{"Retry-After", "50"}}));
  transport.answers = {answer(404)};
  const auto rate = budget.polls_per_second();
  EXPECT_FALSE(poll());
  EXPECT_EQ(budget.polls_per_second(), rate);
  // The API is asked at once; the fallback not before it may be.
  const auto throttled_at = async::clock::now();
  transport.requests.clear();
  EXPECT_FALSE(poll(240s));
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_EQ(transport.requests[0].at, throttled_at);
  EXPECT_EQ(transport.requests[1].at, throttled_at + 50s);
}

TEST_F(metric_poll, a_slow_fallback_is_no_slow_api) {
  answer_fallback(answer(200, full_answer, 5s));
  transport.answers = {answer(200, R"({"error_rate":0.01})", 1s)};
  EXPECT_TRUE(poll());
  EXPECT_EQ(api.typical_poll(), 1s);
}

TEST_F(metric_poll, says_when_its_first_request_goes_out) {
  std::vector<duration> sent;
  transport.answers = {answer(503), answer(503), answer(200, full_answer)};
  const auto polled = time.await(api.poll(
      where, {.time = 60s, .on_sent = [&] { sent.push_back(async::clock::now() - start); }}));
  EXPECT_TRUE(polled.outcome);
  EXPECT_EQ(sent_after().size(), 3U);
  EXPECT_THAT(sent, ElementsAre(sent_after().front()));
}

}  // namespace
}  // namespace canaryd::platform::deployments
