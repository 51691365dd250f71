#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "token_source_fixture.hpp"

namespace canaryd::platform {
namespace {

using testing::HasSubstr;

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
  EXPECT_EQ(header_of(message, "Accept-Encoding"), "identity");
  EXPECT_EQ(message.timeout, 30s);
  EXPECT_TRUE(message.fresh_connection);
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
  transport.token_answers = {token("a", 60), token("b", 60, 3s)};
  get();
  time.run_for(48s);
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
  transport.token_answers = {token("a", 60, 4s), token("b", 60)};
  get();
  // Its life began when it was asked for.
  time.run_for(56s);
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

TEST_F(token_source_test, a_call_that_is_always_refused_has_it_replaced_ever_less_often) {
  // A poll a second for an hour, each refused.
  for (int i = 0; i < 3600; ++i) {
    source.reject(get().value(), call::metrics);
    time.run_for(1s);
  }
  // 1, 2, 4, 8, 16 s, and then every 30 s.
  EXPECT_GE(transport.token_requests.size(), 110U);
  EXPECT_LE(transport.token_requests.size(), 125U);
}

TEST_F(token_source_test, a_call_that_is_always_refused_does_not_cost_another_its_refresh) {
  transport.token_answers = {token("a", 3600), token("b", 3600), token("c", 3600)};
  source.reject(get().value(), call::metrics);
  source.reject(get().value(), call::metrics);
  EXPECT_EQ(text_of(get()), "b");
  source.reject(get().value(), call::promote);
  EXPECT_EQ(text_of(get()), "c");
}

TEST_F(token_source_test, is_served_at_the_highest_priority_of_those_who_wait) {
  // The budget stops everybody, but not a rollback's first attempt.
  budget.report_throttled(async::clock::now(), 5min);
  std::vector<outcome> outcomes;
  tasks.spawn(get_into(source, priority::poll, outcomes));
  time.run_for(10s);
  tasks.spawn(get_into(source, priority::rollback, outcomes));
  time.settle();
  EXPECT_EQ(outcomes.size(), 2U);
  ASSERT_EQ(transport.token_requests.size(), 1U);
  EXPECT_EQ(transport.token_requests.front().at, instant{1h} + 10s);
}

TEST_F(token_source_test, new_credentials_are_used_at_the_next_call_and_the_old_token_meanwhile) {
  transport.token_answers = {token("a", 3600), token("b", 3600, 1s)};
  get();
  auto changed = options;
  changed.client_secret = text::secret{std::string_view{"new"}};
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

TEST_F(token_source_test, requests_are_observed) {
  std::vector<std::pair<int, duration>> seen;
  source.observe_calls([&](call which, int status, duration took) {
    EXPECT_EQ(which, call::token);
    seen.emplace_back(status, took);
  });
  transport.token_answers = {failure(fault::lost, 2s), answer(403)};
  get();
  time.run_for(1s);
  get();
  EXPECT_THAT(seen, testing::ElementsAre(testing::Pair(0, 2s), testing::Pair(403, 0s)));
}

}  // namespace
}  // namespace canaryd::platform
