#include "canaryd/daemon/online_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/scripted_transport.hpp"
#include "support/virtual_time.hpp"
#include <map>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using platform::answer;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class online_check_test : public testing::Test {
 protected:
  online_check_test() { add(job::default_platform); }

  platform_config& add(const std::string& name) {
    keys.platforms[name] = {.client_id = "id",
                            .client_secret = text::secret{std::string{"s3cret"}}};
    return settings.platforms[name];
  }

  std::vector<std::string> check() {
    const auto way = [this](const std::string& name) -> net::transport& { return ways[name]; };
    std::vector<std::string> lines;
    for (const auto& each : time.await(check_platforms(settings, keys, way, [] { return 0.5; })))
      lines.push_back(describe(each));
    return lines;
  }

  config settings;
  secrets keys;
  support::virtual_time time;
  std::map<std::string, platform::scripted_transport> ways;
};

TEST_F(online_check_test, a_platform_that_gives_a_token_is_ok) {
  EXPECT_THAT(check(), ElementsAre("default: ok"));
  EXPECT_THAT(ways["default"].token_requests, SizeIs(1));
  EXPECT_THAT(ways["default"].requests, IsEmpty());
}

TEST_F(online_check_test, a_platform_that_refuses_is_asked_once_and_told_of) {
  ways["default"].token_answers = {answer(401, R"({"error":"invalid_client"})")};
  EXPECT_THAT(check(), ElementsAre(AllOf(StartsWith("default: no token from https://"),
                                         HasSubstr("401"), HasSubstr("invalid_client"))));
  EXPECT_THAT(ways["default"].token_requests, SizeIs(1));
}

TEST_F(online_check_test, each_platform_has_its_line_in_the_order_of_names) {
  add("us");
  add("eu");
  ways["eu"].token_answers = {platform::failure(fault::unreachable)};
  EXPECT_THAT(check(), ElementsAre("default: ok", HasSubstr("eu: no token from"), "us: ok"));
}

TEST_F(online_check_test, platforms_are_asked_at_the_same_time) {
  add("eu");
  for (const auto* name : {"default", "eu"})
    ways[name].token_answers = {answer(200, R"({"access_token":"t"})", 20s)};
  const auto began = async::clock::now();
  EXPECT_THAT(check(), ElementsAre("default: ok", "eu: ok"));
  EXPECT_EQ(async::clock::now(), began + 20s);
}

TEST_F(online_check_test, one_that_never_answers_ends_with_the_request_timeout) {
  settings.api().request_timeout = 7s;
  ways["default"].token_answers = {platform::silence()};
  const auto began = async::clock::now();
  EXPECT_THAT(check(), ElementsAre(HasSubstr("no whole answer")));
  EXPECT_EQ(async::clock::now(), began + 7s);
}

// As of a driver or a connection that does not keep to its own limits.
TEST_F(online_check_test, nothing_takes_longer_than_both_timeouts_together) {
  struct stuck_transport : net::transport {
    async::task<result<net::response>> send(net::request) override {
      co_await async::sleep_until(instant::max());
      co_return failure(fault::lost, "never");
    }
  } stuck;
  const auto began = async::clock::now();
  const auto reports = time.await(check_platforms(
      settings, keys, [&](const std::string&) -> net::transport& { return stuck; },
      [] { return 0.5; }));
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(describe(reports.front()), "default: no answer within 35s");
  EXPECT_EQ(async::clock::now(), began + 35s);
}

TEST_F(online_check_test, a_small_rate_does_not_hold_it_up) {
  settings.api().rate_limit = {.requests = 1, .per = 24h};
  const auto began = async::clock::now();
  EXPECT_THAT(check(), ElementsAre("default: ok"));
  EXPECT_EQ(async::clock::now(), began);
}

TEST_F(online_check_test, one_whose_credentials_were_left_unchecked_is_not_asked) {
  keys.platforms["default"].client_secret = {};
  EXPECT_THAT(check(), ElementsAre("default: its credentials cannot be read here"));
  EXPECT_THAT(ways["default"].token_requests, IsEmpty());
}

}  // namespace
}  // namespace canaryd::daemon
