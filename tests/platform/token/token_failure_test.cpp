#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "token_source_fixture.hpp"

namespace canaryd::platform {
namespace {

using testing::HasSubstr;
using testing::Not;
using token_failure = token_source_test;

TEST_F(token_failure, a_failure_is_told_without_query_and_secret) {
  transport.token_answers = {answer(401, R"({"error":"invalid_client","client_secret":"hush"})")};
  const auto got = get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, fault::no_token);
  EXPECT_EQ(got.error().status, 401);
  EXPECT_THAT(got.error().text, HasSubstr("https://app.cognigy.ai/oauth/token: token: 401"));
  EXPECT_THAT(got.error().text, HasSubstr("invalid_client"));
  EXPECT_THAT(got.error().text, HasSubstr("scopes asked for: bot:deploy metrics:read"));
  EXPECT_THAT(got.error().text, Not(HasSubstr("hush")));
  EXPECT_THAT(got.error().text, Not(HasSubstr("tenant")));
  EXPECT_EQ(source.counts().refused, 1U);
}

TEST_F(token_failure, an_unusable_token_answer_is_a_failure_that_shows_nothing_of_it) {
  transport.token_answers = {answer(200, R"({"access_token":"geheim","token_type":"mac"})")};
  const auto got = get();
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().text, HasSubstr("token_type is not Bearer"));
  EXPECT_THAT(got.error().text, Not(HasSubstr("geheim")));
  EXPECT_EQ(source.counts().failed, 1U);
}

TEST_F(token_failure, after_a_failure_callers_fail_at_once_until_the_backoff_is_over) {
  transport.token_answers = {failure(fault::unreachable, 2s)};
  EXPECT_EQ(get().error().kind, fault::no_token);
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

TEST_F(token_failure, a_backoff_of_zero_does_not_make_a_caller_try_for_ever) {
  next_random = 0.0;
  transport.token_answers = {answer(500)};
  EXPECT_FALSE(get());
  EXPECT_EQ(transport.token_requests.size(), 1U);
}

TEST_F(token_failure, success_resets_the_backoff) {
  transport.token_answers = {answer(500), answer(500), token("a", 60), answer(500)};
  EXPECT_FALSE(get());
  time.run_for(500ms);
  EXPECT_FALSE(get());
  time.run_for(1s);
  EXPECT_TRUE(get());
  time.run_for(60s);
  EXPECT_FALSE(get());
  time.run_for(500ms);
  get();
  EXPECT_EQ(transport.token_requests.size(), 5U);
}

TEST_F(token_failure,
       retry_after_is_honoured_by_deploys_for_longest_and_polls_wait_a_minute_at_most) {
  transport.token_answers = {answer(503, "", {}, {{"Retry-After", "4000"}})};
  EXPECT_EQ(get().error().retry_after, 4000s);
  time.run_for(60s - 1ms);
  for (const auto rank : {priority::rollback_repeat, priority::change, priority::poll})
    EXPECT_FALSE(get(rank));
  EXPECT_EQ(transport.token_requests.size(), 1U);
  time.run_for(1ms);
  for (const auto rank : {priority::deploy, priority::record})
    EXPECT_FALSE(get(rank));
  EXPECT_EQ(transport.token_requests.size(), 1U);
  get(priority::poll);
  EXPECT_EQ(transport.token_requests.size(), 2U);
  time.run_for(5min - 1ms);
  get(priority::deploy);
  EXPECT_EQ(transport.token_requests.size(), 2U);
  time.run_for(1ms);
  get(priority::deploy);
  EXPECT_EQ(transport.token_requests.size(), 3U);
}

TEST_F(token_failure, a_rollbacks_first_attempt_does_not_wait_for_retry_after) {
  transport.token_answers = {answer(429, "", {}, {{"Retry-After", "300"}}), token("a", 3600)};
  EXPECT_FALSE(get());
  time.run_for(1s);
  EXPECT_TRUE(get(priority::rollback));
  EXPECT_EQ(async::clock::now(), instant{1h} + 1s);
}

TEST_F(token_failure, retry_after_never_shortens_the_backoff) {
  for (const auto* hurry : {"0", "Thu, 01 Jan 1970 00:00:00 GMT", "-5", "now"}) {
    transport.token_answers = {answer(503, "", {}, {{"Retry-After", hurry}})};
    const auto asked_before = transport.token_requests.size();
    // Ten callers a second, for five minutes.
    for (int i = 0; i < 3000; ++i) {
      get(i % 2 == 0 ? priority::deploy : priority::poll);
      time.run_for(100ms);
    }
    EXPECT_LE(transport.token_requests.size() - asked_before, 26U) << hurry;
    source.reconfigure({.token_url = "https://app.cognigy.ai/oauth/token", .client_id = hurry});
  }
}

TEST_F(token_failure, a_429_slows_the_whole_client) {
  const auto rate = budget.polls_per_second();
  transport.token_answers = {answer(429)};
  EXPECT_FALSE(get());
  EXPECT_NEAR(budget.polls_per_second(), rate / 2, 1.0);
}

TEST_F(token_failure, a_failed_early_refresh_leaves_the_present_token) {
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

TEST_F(token_failure, a_cancelled_caller_leaves_the_refresh_to_the_others) {
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

TEST_F(token_failure, a_wait_may_have_a_deadline) {
  transport.token_answers = {token("a", 3600, 5s)};
  const auto got = get(priority::poll, async::clock::now() + 2s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, fault::no_token);
  EXPECT_EQ(async::clock::now(), instant{1h} + 2s);
  time.run_for(3s);
  EXPECT_EQ(text_of(get()), "a");
}

TEST_F(token_failure, new_credentials_end_the_backoff_of_the_old_ones) {
  transport.token_answers = {answer(401, "", 2s), token("b", 3600)};
  std::vector<outcome> outcomes;
  tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run_for(1s);
  auto changed = options;
  changed.client_secret = text::secret{std::string_view{"new"}};
  source.reconfigure(changed);
  time.run_for(1s);
  EXPECT_FALSE(outcomes.front());
  EXPECT_EQ(text_of(get()), "b");
}

TEST_F(token_failure, shutdown_ends_the_refresh_and_fails_those_who_wait) {
  transport.token_answers = {silence()};
  std::vector<outcome> outcomes;
  tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run_for(1s);
  source.cancel();
  time.await(source.join());
  time.settle();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes.front().error().kind, fault::no_token);
  EXPECT_EQ(transport.cancelled, 1);
  EXPECT_FALSE(get());
}

TEST_F(token_source_test, a_wait_that_nobody_looked_at_in_time_has_not_failed) {
  transport.token_answers = {token("one", 3600, 8s)};
  time.on_jump([] { return 60s; });
  EXPECT_EQ(text_of(get(priority::poll, async::clock::now() + 5s)), "one");
}

}  // namespace
}  // namespace canaryd::platform
