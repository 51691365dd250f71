// One request and its answer, good and bad.
#include <boost/asio/post.hpp>

#include "pool_fixture.hpp"
#include <sys/socket.h>
#include <thread>

namespace canaryd::net {
namespace {

using namespace std::chrono_literals;

class https_exchange : public pool_fixture {
 protected:
  // The result of a GET if the server answers with these bytes and closes.
  result<response> get_from(std::string bytes) {
    const auto server = serve({[bytes](peer& client) {
      client.read_request();
      client.send(bytes);
    }});
    return send(get(*server));
  }

  static void expect_fault(const result<response>& outcome, fault kind, std::string_view words) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, kind) << outcome.error().text;
    EXPECT_NE(outcome.error().text.find(words), std::string::npos) << outcome.error().text;
  }
};

TEST_F(https_exchange, a_request_arrives_as_it_was_made_and_its_answer_comes_back) {
  std::string seen;
  const auto server = serve({[&seen](peer& client) {
    seen = client.read_request();
    client.send(answer(201, "{\"a\":1}", "X-Request-Id: 7\r\n"));
  }});
  auto message = post(*server, "{\"b\":2}");
  message.headers = {{"Authorization", "Bearer t"}};
  const auto outcome = send(message);
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_EQ(outcome->status, 201);
  EXPECT_EQ(outcome->body, "{\"a\":1}");
  EXPECT_EQ(find_header(outcome->headers, "x-request-id"), "7");
  EXPECT_EQ(seen, "POST /path?secret=query HTTP/1.1\r\nHost: localhost:" +
                      std::to_string(server->port()) +
                      "\r\nAuthorization: Bearer t\r\nContent-Length: 7\r\n\r\n{\"b\":2}");
}

TEST_F(https_exchange, chunked_and_until_close_bodies_are_read) {
  const auto chunked = get_from(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  ASSERT_TRUE(chunked) << chunked.error().text;
  EXPECT_EQ(chunked->body, "abcde");
  const auto until_close = get_from("HTTP/1.0 200 OK\r\n\r\nabc");
  ASSERT_TRUE(until_close) << until_close.error().text;
  EXPECT_EQ(until_close->body, "abc");
}

TEST_F(https_exchange, a_large_answer_within_the_limit_is_whole) {
  const std::string body(options.body_limit_bytes, 'x');
  const auto server = serve({answer_all(answer(200, body))});
  const auto outcome = send(get(*server));
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_EQ(outcome->body, body);
}

TEST_F(https_exchange, a_large_request_is_sent_whole) {
  const std::string body(4'000'000, 'x');
  std::size_t received = 0;
  const auto server = serve({[&received](peer& client) {
    received = client.read_request().size();
    client.send(answer(200, ""));
  }});
  ASSERT_TRUE(send(post(*server, body)));
  EXPECT_GT(received, body.size());
}

TEST_F(https_exchange, an_answer_that_waited_while_the_loop_stood_still_is_read) {
  const auto server = serve({[](peer& client) {
    client.read_request();
    const auto whole = answer(200, "abcde");
    client.send(whole.substr(0, whole.size() - 3));
    std::this_thread::sleep_for(20ms);
    client.send(whole.substr(whole.size() - 3));
  }});
  auto message = get(*server);
  message.timeout = 100ms;
  message.on_sent = [this] {
    boost::asio::post(context, [] { std::this_thread::sleep_for(300ms); });
  };
  const auto outcome = send(message);
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_EQ(outcome->body, "abcde");
}

TEST_F(https_exchange, its_time_begins_when_it_has_a_connection) {
  int sent = 0;
  const auto server = serve({[](peer& client) {
    for (int i = 0; i < 2; ++i) {
      client.read_request();
      client.send(answer(200, ""));
    }
  }});
  auto message = get(*server);
  message.on_sent = [&sent] { ++sent; };
  ASSERT_TRUE(send(message));
  EXPECT_EQ(sent, 1);
  ASSERT_TRUE(send(message));
  EXPECT_EQ(sent, 2);
  message.target.port = 1;
  EXPECT_FALSE(send(message));
  EXPECT_EQ(sent, 2);
}

TEST_F(https_exchange, a_redirect_is_an_answer) {
  const auto outcome = get_from(answer(302, "", "Location: https://elsewhere.example/\r\n"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 302);
}

TEST_F(https_exchange, an_answer_cut_short_is_lost) {
  const auto server = serve({
      [](peer& client) {
        client.read_request();
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
      },
      [](peer& client) {
        client.read_request();
        client.send("HTTP/1.1 200 OK\r\n\r\nabc");
        client.cut();
      },
      [](peer& client) {
        client.read_request();
        client.send("HTTP/1.1 200 O");
        client.reset();
      },
      [](peer& client) { client.read_request(); },
  });
  expect_fault(send(get(*server)), fault::lost, "closed within the answer");
  expect_fault(send(get(*server)), fault::lost, "was cut");
  expect_fault(send(get(*server)), fault::lost, "");
  expect_fault(send(get(*server)), fault::lost, "without an answer");
}

TEST_F(https_exchange, what_is_not_http_or_too_much_is_malformed) {
  expect_fault(get_from("SSH-2.0-OpenSSH_9.2\r\n"), fault::malformed, "not HTTP/1");
  expect_fault(get_from("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"), fault::malformed,
               "body is over 1048576 bytes");
  std::string flood = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i)
    flood += "X-Flood: yes\r\n";
  expect_fault(get_from(flood), fault::malformed, "header is over 65536 bytes");
  expect_fault(get_from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                        std::string(200'000, 'x')),
               fault::malformed, "");
}

TEST_F(https_exchange, no_answer_in_time_is_lost_whether_nothing_came_or_a_part) {
  const auto server = serve({
      [](peer& client) { client.wait_for_close(); },
      [](peer& client) {
        client.read_request();
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        client.wait_for_close();
      },
  });
  for (int i = 0; i < 2; ++i) {
    auto message = get(*server);
    message.timeout = 30ms;
    expect_fault(send(message), fault::lost, "timed out");
  }
  EXPECT_EQ(pool().idle_connections(), 0U);
}

TEST_F(https_exchange, errors_name_the_call_and_keep_its_secrets) {
  auto message = get(*serve({}));
  message.headers = {{"Authorization", "Bearer hunter2"}};
  message.body = "hunter3";
  const auto outcome = send(message);
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().text.starts_with("GET https://localhost:")) << outcome.error().text;
  for (const auto* const secret : {"hunter2", "hunter3", "query"})
    EXPECT_FALSE(outcome.error().text.contains(secret)) << outcome.error().text;
}

TEST_F(https_exchange, a_refused_connection_is_unreachable) {
  auto message = get(*serve({}));
  expect_fault(send(message), fault::unreachable, "cannot connect to localhost:");
  expect_fault(send(message), fault::unreachable, "refused");
}

TEST_F(https_exchange, plain_http_goes_to_loopback_only) {
  const auto server = serve_plain({answer_all(answer(200, "plain"))});
  auto message = get(*server);
  const auto outcome = send(message);
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_EQ(outcome->body, "plain");
  message.target.host = "192.0.2.1";
  expect_fault(send(message), fault::refused, "loopback");
}

TEST_F(https_exchange, a_request_that_cannot_be_written_is_refused_before_anything_is_sent) {
  const auto server = serve({answer_all(answer(200, ""))});
  auto message = get(*server);
  message.headers = {{"X", "a\r\nb"}};
  expect_fault(send(message), fault::refused, "control characters");
  EXPECT_EQ(server->connections(), 0);
}

TEST_F(https_exchange, a_cancelled_send_throws_and_closes_its_connection) {
  std::atomic<bool> arrived{false};
  std::atomic<bool> closed{false};
  auto server = serve({[&](peer& client) {
    client.read_request();
    arrived = true;
    client.wait_for_close();
    closed = true;
  }});
  auto message = get(*server);
  message.timeout = 1h;
  const auto thrown = send_and_cancel(message, [&] { return arrived.load(); });
  EXPECT_TRUE(async::is_cancellation(thrown));
  EXPECT_EQ(pool().idle_connections(), 0U);
  server.reset();
  EXPECT_TRUE(closed);
}

TEST_F(https_exchange, connecting_can_be_cancelled_in_the_handshake) {
  const auto server = serve_plain({[](peer& client) { client.wait_for_close(); }});
  options.connect_timeout = 1h;
  auto message = get(*server);
  message.target.scheme = "https";
  const auto thrown = send_and_cancel(message, [&] { return server->connections() == 1; });
  EXPECT_TRUE(async::is_cancellation(thrown));
}

TEST_F(https_exchange, a_handshake_that_hangs_is_unreachable_in_time) {
  const auto server = serve_plain({[](peer& client) { client.wait_for_close(); }});
  options.connect_timeout = 50ms;
  auto message = get(*server);
  message.target.scheme = "https";
  expect_fault(send(message), fault::unreachable, "cannot set up TLS with localhost:");
}

// A listener whose queue is full drops every further SYN.
class full_listener {
 public:
  full_listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    bind(sockets_.front(), generic, size);
    listen(sockets_.front(), 0);
    getsockname(sockets_.front(), generic, &size);
    port_ = ntohs(address.sin_port);
    for (std::size_t i = 1; i < sockets_.size(); ++i)
      connect(sockets_[i], generic, size);
  }
  ~full_listener() {
    for (const int each : sockets_)
      close(each);
  }
  full_listener(const full_listener&) = delete;
  full_listener& operator=(const full_listener&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  static int open() { return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }
  std::array<int, 4> sockets_{open(), open(), open(), open()};
  std::uint16_t port_ = 0;
};

TEST_F(https_exchange, a_connect_that_hangs_is_unreachable_in_time) {
  const full_listener listener;
  options.connect_timeout = 50ms;
  request message;
  message.target = {.scheme = "https", .host = "127.0.0.1", .port = listener.port(), .target = "/"};
  expect_fault(send(message), fault::unreachable, "cannot connect to 127.0.0.1:");
  expect_fault(send(message), fault::unreachable, "timed out");
}

}  // namespace
}  // namespace canaryd::net
