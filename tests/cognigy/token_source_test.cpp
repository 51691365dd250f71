#include "canaryd/cognigy/token_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_transport.hpp"
#include "support/virtual_time.hpp"

namespace canaryd::cognigy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

scripted_answer token(std::string_view text, int life_s, core::duration after = {}) {
  return answer(200,
                R"({"access_token":")" + std::string{text} + R"(","expires_in":)" +
                    std::to_string(life_s) + "}",
                after);
}

using outcome = core::result<access_token>;

async::task<> get_into(token_source& source, priority rank, std::vector<outcome>& outcomes) {
  auto got = co_await source.get(rank);
  outcomes.push_back(std::move(got));
}

async::task<> reject_and_get_into(token_source& source, access_token used,
                                  std::vector<outcome>& outcomes) {
  source.reject(used);
  auto got = co_await source.get(priority::poll);
  outcomes.push_back(std::move(got));
}

class token_source_test : public testing::Test {
 protected:
  ~token_source_test() override {
    source.cancel();
    tasks.cancel();
    time.settle();
  }

  outcome get(priority rank = priority::poll, core::instant deadline = core::instant::max()) {
    return time.await(source.get(rank, deadline));
  }

  std::string text_of(const outcome& got) {
    return got ? std::string{(*got)->reveal()} : got.error().text;
  }

  token_options options{.token_url = "https://app.cognigy.ai/oauth/token?tenant=7",
                        .client_id = "id",
                        .client_secret = core::secret{std::string_view{"hush"}},
                        .scopes = {"bot:deploy", "metrics:read"},
                        .request_timeout = 30s};
  support::virtual_time time;
  scripted_transport transport;
  rate_budget budget{time.executor(), {.requests = 100'000, .per = 1s, .max_connections = 32}};
  double next_random = 0.5;
  token_source source{time.executor(), options, transport, budget, [this] { return next_random; }};
  async::task_group tasks{time.executor()};
};

TEST_F(token_source_test, asks_as_the_specification_says) {
  EXPECT_EQ(text_of(get()), "token-1");
  ASSERT_EQ(transport.token_requests.size(), 1U);
  const auto& message = transport.token_requests.front().message;
  EXPECT_EQ(message.method, "POST");
  EXPECT_EQ(message.target.target, "/oauth/token?tenant=7");
  EXPECT_EQ(message.body,
            "grant_type=client_credentials&client_id=id&client_secret=hush"
            "&scope=bot%3Adeploy%20metrics%3Aread");
  EXPECT_EQ(header_of(message, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(header_of(message, "Accept"), "application/json");
  EXPECT_EQ(header_of(message, "User-Agent"), "canaryd/" CANARYD_VERSION);
  EXPECT_EQ(message.timeout, 30s);
  EXPECT_EQ(source.counts().succeeded, 1U);
}

TEST_F(token_source_test, asks_once_however_many_wait) {
  transport.token_answers = {token("a", 3600, 5s)};
  std::vector<outcome> outcomes;
  for (int i = 0; i < 1000; ++i)
    tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run();
  ASSERT_EQ(outcomes.size(), 1000U);
  for (const auto& got : outcomes)
    EXPECT_EQ(got.value(), outcomes.front().value());
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(token_source_test, serves_the_same_token_until_four_fifths_of_its_life) {
  transport.token_answers = {token("a", 3600), token("b", 3600)};
  get();
  time.run_for(2879s);
  EXPECT_EQ(text_of(get()), "a");
  time.settle();
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(token_source_test, is_refreshed_in_the_background_while_calls_go_on_with_the_present_token) {
  transport.token_answers = {token("a", 30), token("b", 30, 3s)};
  get();
  time.run_for(24s);
  const auto asked = async::clock::now();
  EXPECT_EQ(text_of(get()), "a");
  EXPECT_EQ(async::clock::now(), asked);
  time.run_for(2s);
  EXPECT_EQ(text_of(get()), "a");
  time.run_for(1s);
  EXPECT_EQ(text_of(get()), "b");
  EXPECT_EQ(transport.token_requests.size(), 2U);
}

TEST_F(token_source_test, an_expired_token_is_never_served) {
  transport.token_answers = {token("a", 30, 4s), token("b", 30)};
  get();
  // Its life began when it was asked for.
  time.run_for(26s);
  EXPECT_EQ(text_of(get()), "b");
}

TEST_F(token_source_test, lives_on_elapsed_time_not_on_the_wall_clock) {
  transport.token_answers = {token("a", 3600), token("b", 3600)};
  get();
  time.clock().step_wall(24h);
  EXPECT_EQ(text_of(get()), "a");
  time.settle();
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(token_source_test, only_the_first_complaint_about_a_token_causes_a_refresh) {
  transport.token_answers = {token("a", 3600), token("b", 3600, 1s), token("c", 3600)};
  const auto used = get().value();
  std::vector<outcome> outcomes;
  for (int i = 0; i < 100; ++i)
    tasks.spawn(reject_and_get_into(source, used, outcomes));
  time.run();
  tasks.spawn(reject_and_get_into(source, used, outcomes));
  time.run();
  ASSERT_EQ(outcomes.size(), 101U);
  for (const auto& got : outcomes)
    EXPECT_EQ(text_of(got), "b");
  EXPECT_EQ(transport.token_requests.size(), 2U);
}

TEST_F(token_source_test, a_failure_is_told_without_query_and_secret) {
  transport.token_answers = {answer(401, R"({"error":"invalid_client","client_secret":"hush"})")};
  const auto got = get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, core::fault::no_token);
  EXPECT_EQ(got.error().status, 401);
  EXPECT_THAT(got.error().text, HasSubstr("https://app.cognigy.ai/oauth/token: token: 401"));
  EXPECT_THAT(got.error().text, HasSubstr("invalid_client"));
  EXPECT_THAT(got.error().text, HasSubstr("scopes asked for: bot:deploy metrics:read"));
  EXPECT_THAT(got.error().text, Not(HasSubstr("hush")));
  EXPECT_THAT(got.error().text, Not(HasSubstr("tenant")));
  EXPECT_EQ(source.counts().refused, 1U);
}

TEST_F(token_source_test, an_unusable_token_answer_is_a_failure_that_shows_nothing_of_it) {
  transport.token_answers = {answer(200, R"({"access_token":"geheim","expires_in":-1})")};
  const auto got = get();
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().text, HasSubstr("expires_in is -1"));
  EXPECT_THAT(got.error().text, Not(HasSubstr("geheim")));
  EXPECT_EQ(source.counts().failed, 1U);
}

TEST_F(token_source_test, after_a_failure_callers_fail_at_once_until_the_backoff_is_over) {
  transport.token_answers = {failure(core::fault::unreachable, 2s)};
  EXPECT_EQ(get().error().kind, core::fault::no_token);
  auto failed_at = async::clock::now();
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 15'000ms, 15'000ms}) {
    const auto asked_before = transport.token_requests.size();
    time.run_until(failed_at + wait - 1ms);
    EXPECT_FALSE(get());
    EXPECT_EQ(async::clock::now(), failed_at + wait - 1ms);
    EXPECT_EQ(transport.token_requests.size(), asked_before);
    time.run_until(failed_at + wait);
    EXPECT_FALSE(get());
    EXPECT_EQ(transport.token_requests.size(), asked_before + 1);
    failed_at = async::clock::now();
  }
}

TEST_F(token_source_test, a_backoff_of_zero_does_not_make_a_caller_try_for_ever) {
  next_random = 0.0;
  transport.token_answers = {answer(500)};
  EXPECT_FALSE(get());
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(token_source_test, success_resets_the_backoff) {
  transport.token_answers = {answer(500), answer(500), token("a", 10), answer(500)};
  EXPECT_FALSE(get());
  time.run_for(500ms);
  EXPECT_FALSE(get());
  time.run_for(1s);
  EXPECT_TRUE(get());
  time.run_for(10s);
  EXPECT_FALSE(get());
  time.run_for(500ms);
  get();
  EXPECT_EQ(transport.token_requests.size(), 5U);
}

TEST_F(token_source_test, retry_after_is_honoured_and_rollbacks_wait_a_minute_at_most) {
  transport.token_answers = {answer(503, "", {}, {{"Retry-After", "200"}}), token("a", 3600)};
  EXPECT_EQ(get().error().retry_after, 200s);
  time.run_for(60s);
  EXPECT_FALSE(get(priority::change));
  EXPECT_EQ(transport.token_requests.size(), 1U);
  EXPECT_TRUE(get(priority::rollback));
  EXPECT_EQ(transport.token_requests.size(), 2U);
}

TEST_F(token_source_test, a_429_slows_the_whole_client) {
  const auto rate = budget.polls_per_second();
  transport.token_answers = {answer(429)};
  EXPECT_FALSE(get());
  EXPECT_NEAR(budget.polls_per_second(), rate / 2, 1.0);
}

TEST_F(token_source_test, a_failed_early_refresh_leaves_the_present_token) {
  transport.token_answers = {token("a", 100), answer(500), token("b", 100)};
  get();
  time.run_for(80s);
  EXPECT_EQ(text_of(get()), "a");
  time.settle();
  EXPECT_EQ(text_of(get()), "a");
  time.run_for(500ms);
  EXPECT_EQ(text_of(get()), "a");
  time.settle();
  EXPECT_EQ(text_of(get()), "b");
  EXPECT_EQ(transport.token_requests.size(), 3U);
}

TEST_F(token_source_test, a_cancelled_caller_leaves_the_refresh_to_the_others) {
  transport.token_answers = {token("a", 3600, 5s)};
  std::vector<outcome> outcomes;
  const auto first = tasks.spawn(get_into(source, priority::poll, outcomes));
  tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run_for(1s);
  async::task_group::cancel(first);
  time.run();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(text_of(outcomes.front()), "a");
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(token_source_test, a_wait_may_have_a_deadline) {
  transport.token_answers = {token("a", 3600, 5s)};
  const auto got = get(priority::poll, async::clock::now() + 2s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, core::fault::no_token);
  EXPECT_EQ(async::clock::now(), core::instant{1h} + 2s);
  time.run_for(3s);
  EXPECT_EQ(text_of(get()), "a");
}

TEST_F(token_source_test, is_served_at_the_highest_priority_of_those_who_wait) {
  // The budget stops everybody, rollbacks for a shorter time.
  budget.report_throttled(async::clock::now(), 5min);
  std::vector<outcome> outcomes;
  tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run_for(10s);
  tasks.spawn(get_into(source, priority::rollback, outcomes));
  time.run_for(60s);
  EXPECT_EQ(outcomes.size(), 2U);
  ASSERT_EQ(transport.token_requests.size(), 1U);
  EXPECT_EQ(transport.token_requests.front().at, core::instant{1h} + 60s);
}

TEST_F(token_source_test, new_credentials_are_used_at_the_next_call_and_the_old_token_meanwhile) {
  transport.token_answers = {token("a", 3600), token("b", 3600, 1s)};
  get();
  auto changed = options;
  changed.client_secret = core::secret{std::string_view{"new"}};
  source.reconfigure(changed);
  EXPECT_EQ(text_of(get()), "a");
  time.run_for(1s);
  EXPECT_EQ(text_of(get()), "b");
  ASSERT_EQ(transport.token_requests.size(), 2U);
  EXPECT_THAT(transport.token_requests.back().message.body, HasSubstr("client_secret=new"));
}

TEST_F(token_source_test, the_same_credentials_again_change_nothing) {
  get();
  source.reconfigure(options);
  get();
  time.settle();
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(token_source_test, new_credentials_end_the_backoff_of_the_old_ones) {
  transport.token_answers = {answer(401, "", 2s), token("b", 3600)};
  std::vector<outcome> outcomes;
  tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run_for(1s);
  auto changed = options;
  changed.client_secret = core::secret{std::string_view{"new"}};
  source.reconfigure(changed);
  time.run_for(1s);
  EXPECT_FALSE(outcomes.front());
  EXPECT_EQ(text_of(get()), "b");
}

TEST_F(token_source_test, shutdown_ends_the_refresh_and_fails_those_who_wait) {
  transport.token_answers = {silence()};
  std::vector<outcome> outcomes;
  tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run_for(1s);
  source.cancel();
  time.await(source.join());
  time.settle();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes.front().error().kind, core::fault::no_token);
  EXPECT_EQ(transport.cancelled, 1);
  EXPECT_FALSE(get());
}

TEST_F(token_source_test, requests_are_observed) {
  std::vector<std::pair<int, core::duration>> seen;
  source.observe_calls([&](call which, int status, core::duration took) {
    EXPECT_EQ(which, call::token);
    seen.emplace_back(status, took);
  });
  transport.token_answers = {failure(core::fault::lost, 2s), answer(403)};
  get();
  time.run_for(1s);
  get();
  EXPECT_THAT(seen, testing::ElementsAre(testing::Pair(0, 2s), testing::Pair(403, 0s)));
}

}  // namespace
}  // namespace canaryd::cognigy
