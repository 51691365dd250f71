// Who talks to which arm, with a real HAProxy.
#include <gmock/gmock.h>

#include "real_haproxy.hpp"
#include <algorithm>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> some_sessions(int count) {
  std::vector<std::string> made;
  made.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    made.push_back("session-" + std::to_string(i));
  return made;
}

class split : public real_haproxy {
 protected:
  split() { start(); }
};

TEST_F(split, the_share_of_the_sessions_comes_to_the_canary_and_each_session_stays_there) {
  constexpr int count = 500;
  const auto sessions = some_sessions(count);
  auto before = arms_of(sessions);
  EXPECT_EQ(std::ranges::count(before, true), 0);
  for (const basis_points share : {500, 2500, 5000, 10'000}) {
    set_share(share);
    const auto arms = arms_of(sessions);
    const auto on_canary = static_cast<double>(std::ranges::count(arms, true));
    EXPECT_NEAR(on_canary / count, share / 10'000.0, 0.04) << share;
    EXPECT_EQ(arms_of(sessions), arms) << "a session does not move while the share stands";
    for (std::size_t i = 0; i < arms.size(); ++i)
      EXPECT_TRUE(arms[i] || !before[i]) << sessions[i] << " left the canary at " << share;
    before = arms;
  }
  set_share(0);
  EXPECT_THAT(arms_of(sessions), Each(false));
}

TEST_F(split, a_session_is_the_same_in_a_body_and_in_a_query) {
  set_share(5000);
  for (const auto& session : some_sessions(50)) {
    const auto arm = is_on_canary(session) ? canary_token : stable_token;
    EXPECT_THAT(get("/" + bot.stable_url_token + "?sessionId=" + session),
                StartsWith("GET\n/" + std::string{arm} + "?"));
    EXPECT_THAT(get("/socket.io/?EIO=4&urlToken=" + bot.stable_url_token + "&sessionId=" + session +
                    "&transport=polling"),
                HasSubstr("urlToken=" + std::string{arm} + "&"));
  }
  for (const auto* session : {"a b", "a+b", "a/b"}) {
    std::string encoded;
    for (const char c : std::string_view{session})
      encoded += net::percent_encode({&c, 1});
    EXPECT_EQ(get("/" + bot.stable_url_token + "?sessionId=" + encoded).contains(canary_token),
              is_on_canary(session))
        << session;
  }
}

TEST_F(split, another_seed_takes_other_sessions) {
  const auto sessions = some_sessions(200);
  set_share(5000);
  const auto arms = arms_of(sessions);
  bot.seed = 43;
  restart();
  set_share(5000);
  EXPECT_NE(arms_of(sessions), arms);
}

TEST_F(split, only_the_token_is_rewritten_on_the_way_to_the_canary) {
  set_share(10'000);
  const auto stable = bot.stable_url_token;
  const auto host = "localhost:" + std::to_string(bot.endpoint_port);
  EXPECT_EQ(post("/" + stable + "?a=1&b=%2F", R"({"sessionId":"s","text":"5ab1e0"})"),
            "POST\n/ca4a47?a=1&b=%2F\n" + host + "\n" + R"({"sessionId":"s","text":"5ab1e0"})");
  for (const auto& [sent, arrived] : {
           std::pair{"/5ab1e0/more?sessionId=s", "/ca4a47/more?sessionId=s"},
           {"/5ab1e0?sessionId=5ab1e0", "/ca4a47?sessionId=5ab1e0"},
           {"/socket.io/?urlToken=5ab1e0&sessionId=s", "/socket.io/?urlToken=ca4a47&sessionId=s"},
           {"/socket.io/?sessionId=s&urlToken=5ab1e0", "/socket.io/?sessionId=s&urlToken=ca4a47"},
           {"/socket.io/?sessionId=s&urlToken=5ab1e0&oldurlToken=5ab1e0",
            "/socket.io/?sessionId=s&urlToken=ca4a47&oldurlToken=5ab1e0"},
       })
    EXPECT_EQ(get(sent), std::string{"GET\n"} + arrived + "\n" + host + "\n");
}

TEST_F(split, without_a_session_id_a_request_comes_to_the_stable_endpoint) {
  set_share(10'000);
  const auto path = "/" + bot.stable_url_token;
  for (const auto* body : {"", "{}", "hello", R"({"text":"sessionId"})", R"({"sessionId":""})",
                           R"({"sessionId":null})", R"(["sessionId","s"])"})
    EXPECT_THAT(post(path, body), StartsWith("POST\n" + path + "\n")) << body;
  for (const auto* query : {"", "?sessionId", "?sessionId=", "?session=s", "?xsessionId=s"})
    EXPECT_THAT(get(path + query), StartsWith("GET\n" + path + query + "\n"));
}

TEST_F(split, a_session_id_is_found_behind_a_long_message_and_before_one_of_any_length) {
  set_share(10'000);
  const auto path = "/" + bot.stable_url_token;
  const auto behind = R"({"text":")" + std::string(50'000, 'x') + R"(","sessionId":"s"})";
  EXPECT_THAT(post(path, behind), StartsWith("POST\n/ca4a47\n"));
  const auto before = R"({"sessionId":"s","text":")" + std::string(500'000, 'x') + R"("})";
  EXPECT_THAT(post(path, before), StartsWith("POST\n/ca4a47\n"));
}

TEST_F(split, requests_that_are_not_for_this_bot_are_passed_on_as_they_are) {
  set_share(10'000);
  for (const auto* target : {"/other?sessionId=s", "/5ab1e0f?sessionId=s", "/x/5ab1e0?sessionId=s",
                             "/socket.io/?urlToken=other&sessionId=s", "/?sessionId=s"})
    EXPECT_THAT(get(target), StartsWith(std::string{"GET\n"} + target + "\n"));
}

// The switch: whatever the share says, users are on the stable endpoint unless somebody watches.
class dead_mans_switch : public split {
 protected:
  dead_mans_switch() {
    set_share(10'000);
    EXPECT_TRUE(is_on_canary("s"));
  }
  bool goes_to_stable() {
    return within(5s, [this] { return !is_on_canary("s"); }) && stays(false);
  }
  bool comes_back() {
    return within(5s, [this] { return is_on_canary("s"); }) && stays(true);
  }

 private:
  bool stays(bool on_canary) {
    return !within(1s, [&] { return is_on_canary("s") != on_canary; });
  }
};

TEST_F(dead_mans_switch, moves_all_sessions_to_stable_while_the_daemon_says_503) {
  watched_status = 503;
  EXPECT_TRUE(goes_to_stable());
  watched_status = 200;
  EXPECT_TRUE(comes_back());
}

TEST_F(dead_mans_switch, moves_all_sessions_to_stable_while_the_daemon_is_away) {
  stop_daemon();
  EXPECT_TRUE(goes_to_stable());
  start_daemon();
  EXPECT_TRUE(comes_back());
}

TEST_F(dead_mans_switch, moves_all_sessions_to_stable_while_the_daemon_hangs) {
  daemon_hangs = true;
  EXPECT_TRUE(goes_to_stable());
  daemon_hangs = false;
  EXPECT_TRUE(comes_back());
}

}  // namespace
}  // namespace canaryd::platform
