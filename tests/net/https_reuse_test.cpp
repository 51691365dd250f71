// Connections and TLS sessions that are kept, reused and dropped.
#include <boost/asio/co_spawn.hpp>

#include "pool_fixture.hpp"
#include <atomic>
#include <semaphore>

namespace canaryd::net {
namespace {

using namespace std::chrono_literals;

class https_reuse : public pool_fixture {
 protected:
  void expect_answer(const result<response>& outcome, std::string_view body) {
    ASSERT_TRUE(outcome) << outcome.error().text;
    EXPECT_EQ(outcome->body, body);
  }
};

TEST_F(https_reuse, requests_one_after_the_other_share_a_connection) {
  const auto server = serve({answer_all(answer(200, "ok"))});
  for (int i = 0; i < 20; ++i)
    expect_answer(send(i % 2 == 0 ? get(*server) : post(*server)), "ok");
  EXPECT_EQ(server->connections(), 1);
  EXPECT_EQ(pool().idle_connections(), 1U);
}

TEST_F(https_reuse, an_answer_that_says_close_or_has_a_rest_ends_its_connection) {
  const std::string last_ones[] = {answer(200, "bye", "Connection: close\r\n"),
                                   "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nbye",
                                   answer(200, "bye") + "and more"};
  for (const auto& last : last_ones) {
    const auto server = serve({answer_all(last), answer_all(answer(200, "fresh"))});
    expect_answer(send(get(*server)), "bye");
    EXPECT_EQ(pool().idle_connections(), 0U);
    expect_answer(send(get(*server)), "fresh");
    EXPECT_EQ(server->connections(), 2);
    pool().close_idle();
  }
}

TEST_F(https_reuse, no_more_than_max_idle_connections_are_kept) {
  options.max_idle = 0;
  const auto server = serve({answer_all(answer(200, "a")), answer_all(answer(200, "b"))});
  expect_answer(send(get(*server)), "a");
  EXPECT_EQ(pool().idle_connections(), 0U);
  expect_answer(send(get(*server)), "b");
}

TEST_F(https_reuse, a_connection_that_the_peer_closed_while_idle_is_not_used) {
  for (const bool tls : {true, false}) {
    std::binary_semaphore closed{0};
    const std::vector<script> scripts = {[&closed](peer& client) {
                                           client.read_request();
                                           client.send(answer(200, "first"));
                                           client.cut();
                                           closed.release();
                                         },
                                         answer_all(answer(200, "second"))};
    const auto server = tls ? serve(scripts) : serve_plain(scripts);
    expect_answer(send(post(*server)), "first");
    closed.acquire();
    expect_answer(send(post(*server)), "second");
    EXPECT_EQ(server->connections(), 2);
  }
}

// Answers one request, reads the next one, and leaves.
void answer_once(peer& client) {
  client.read_request();
  client.send(answer(200, "first"));
  client.read_request();
}

TEST_F(https_reuse, a_get_on_a_connection_that_closes_under_it_is_sent_once_more) {
  const auto server = serve({answer_once, answer_all(answer(200, "second"))});
  expect_answer(send(get(*server)), "first");
  expect_answer(send(get(*server)), "second");
  EXPECT_EQ(server->connections(), 2);
}

TEST_F(https_reuse, a_write_on_a_connection_that_closes_under_it_is_lost) {
  const auto server = serve({answer_once, answer_all(answer(200, "second"))});
  expect_answer(send(get(*server)), "first");
  const auto outcome = send(post(*server));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, fault::lost);
  EXPECT_EQ(server->connections(), 1);
}

TEST_F(https_reuse, a_get_is_sent_once_more_only_where_its_sender_allows_it) {
  const auto server = serve({answer_once, answer_once, answer_all(answer(200, "second"))});
  int asked = 0;
  for (const bool allowed : {false, true}) {
    expect_answer(send(get(*server)), "first");
    auto message = get(*server);
    message.may_repeat = [&] {
      ++asked;
      return allowed;
    };
    EXPECT_EQ(send(message).has_value(), allowed);
  }
  EXPECT_EQ(asked, 2);
}

TEST_F(https_reuse, a_write_gets_through_over_a_fresh_connection) {
  const auto server = serve({answer_once, answer_once, answer_all(answer(200, "last"))});
  expect_answer(send(get(*server)), "first");
  auto message = post(*server);
  message.fresh_connection = true;
  expect_answer(send(message), "first");
  expect_answer(send(message), "last");
  EXPECT_EQ(server->connections(), 3);
}

TEST_F(https_reuse, a_used_connection_that_is_silent_takes_those_with_it_that_were_idle_meanwhile) {
  const script answers_once_and_is_silent = [](peer& client) {
    client.read_request();
    client.send(answer(200, "first"));
    client.wait_for_close();
  };
  const auto server = serve(
      {answers_once_and_is_silent, answers_once_and_is_silent, answer_all(answer(200, "second"))});
  for (int i = 0; i < 2; ++i) {
    auto message = get(*server);
    message.fresh_connection = true;
    expect_answer(send(message), "first");
  }
  ASSERT_EQ(pool().idle_connections(), 2U);
  auto message = get(*server);
  message.timeout = 100ms;
  EXPECT_FALSE(send(message));
  EXPECT_EQ(pool().idle_connections(), 0U);
  expect_answer(send(get(*server)), "second");
}

TEST_F(https_reuse, a_get_is_not_repeated_when_an_answer_began_or_the_connection_was_fresh) {
  const auto server = serve({
      [](peer& client) {
        client.read_request();
        client.send(answer(200, "first"));
        client.read_request();
        client.send("HTTP/1.1 2");
      },
      [](peer& client) { client.read_request(); },
      answer_all(answer(200, "never asked")),
  });
  expect_answer(send(get(*server)), "first");
  EXPECT_FALSE(send(get(*server)));
  EXPECT_FALSE(send(get(*server)));
  EXPECT_EQ(server->connections(), 2);
}

class https_resumption : public https_reuse, public testing::WithParamInterface<int> {};

TEST_P(https_resumption, a_new_connection_resumes_the_session_of_an_old_one) {
  std::vector<bool> resumed;
  const script note_and_close = [&resumed](peer& client) {
    resumed.push_back(client.is_resumed());
    client.read_request();
    client.send(answer(200, "", "Connection: close\r\n"));
    client.wait_for_close();
  };
  scripted_server server{{.identity = test_identity(), .max_version = GetParam()},
                         {note_and_close, note_and_close, note_and_close}};
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(send(get(server)));
  EXPECT_EQ(resumed, (std::vector{false, true, true}));
}

INSTANTIATE_TEST_SUITE_P(tls_versions, https_resumption,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_F(https_reuse, a_cancelled_request_does_not_spoil_the_session) {
  std::atomic<bool> arrived{false};
  bool resumed = false;
  const auto server = serve({
      [&arrived](peer& client) {
        client.read_request();
        client.send(answer(200, "first"));
        client.read_request();
        arrived = true;
        client.wait_for_close();
      },
      [&resumed](peer& client) {
        resumed = client.is_resumed();
        answer_all(answer(200, "second"))(client);
      },
  });
  expect_answer(send(get(*server)), "first");
  EXPECT_TRUE(
      async::is_cancellation(send_and_cancel(get(*server), [&] { return arrived.load(); })));
  expect_answer(send(get(*server)), "second");
  EXPECT_TRUE(resumed);
}

TEST_F(https_reuse, new_options_are_followed_by_new_connections_and_idle_ones_are_closed) {
  const auto server = serve({answer_all(answer(200, "old")), answer_all(answer(200, "new"))});
  expect_answer(send(get(*server)), "old");
  auto other = options;
  other.ca_file = ca_file_of(sim::make_certificates());
  ASSERT_TRUE(pool().reconfigure(other));
  EXPECT_EQ(pool().idle_connections(), 0U);
  const auto distrusted = send(get(*server));
  ASSERT_FALSE(distrusted);
  EXPECT_EQ(distrusted.error().kind, fault::unreachable);
}

TEST_F(https_reuse, options_that_cannot_be_used_change_nothing) {
  const auto server = serve({answer_all(answer(200, "ok"))});
  expect_answer(send(get(*server)), "ok");
  auto bad = options;
  bad.ca_file = "/nonexistent/ca.pem";
  const auto refused = pool().reconfigure(bad);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, fault::system);
  expect_answer(send(get(*server)), "ok");
  EXPECT_EQ(server->connections(), 1);
}

TEST_F(https_reuse, a_request_under_way_ends_as_it_began_when_options_change) {
  std::atomic<bool> arrived{false};
  std::binary_semaphore changed{0};
  const auto server = serve({[&](peer& client) {
    client.read_request();
    arrived = true;
    changed.acquire();
    client.send(answer(200, "late"));
    client.wait_for_close();
  }});
  result<response> outcome;
  boost::asio::co_spawn(
      context, pool().send(get(*server)),
      [&](const std::exception_ptr&, result<response> answer) { outcome = answer; });
  while (!arrived && !context.stopped())
    context.run_for(1ms);
  ASSERT_TRUE(pool().reconfigure(options));
  changed.release();
  context.restart();
  context.run();
  expect_answer(outcome, "late");
  EXPECT_EQ(pool().idle_connections(), 0U);
}

}  // namespace
}  // namespace canaryd::net
