// Requests through a proxy by CONNECT.
#include <fmt/format.h>

#include "pool_fixture.hpp"

namespace canaryd::net {
namespace {

using namespace std::chrono_literals;

class https_proxy : public pool_fixture {
 protected:
  // The result of a GET through a proxy that runs `behaviour`, to a target that exists only behind
  // it.
  result<response> get_through(const script& behaviour) {
    const auto proxy = serve_plain({behaviour});
    options.proxy = fmt::format("http://127.0.0.1:{}", proxy->port());
    if (const auto changed = pool().reconfigure(options); !changed)
      return std::unexpected{changed.error()};
    request message;
    message.target = {.scheme = "https", .host = "localhost", .port = 1, .target = "/"};
    return send(message);
  }

  void expect_unreachable(const result<response>& outcome, std::string_view words) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, fault::unreachable);
    EXPECT_NE(outcome.error().text.find(words), std::string::npos) << outcome.error().text;
    EXPECT_NE(outcome.error().text.find("cannot use proxy 127.0.0.1:"), std::string::npos)
        << outcome.error().text;
  }
};

TEST_F(https_proxy, a_request_goes_through_the_tunnel_and_trust_is_the_targets) {
  const auto target = serve({});
  std::string asked;
  const auto outcome = get_through([&](peer& client) {
    asked = client.read_request();
    client.send("HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n");
    if (client.start_tls(*target->context()))
      answer_all(answer(200, "tunnelled"))(client);
  });
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_EQ(outcome->body, "tunnelled");
  EXPECT_EQ(asked, "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
}

TEST_F(https_proxy, a_proxy_that_refuses_is_named_with_its_status) {
  expect_unreachable(get_through([](peer& client) {
                       client.read_request();
                       client.send(answer(407, "who are you?"));
                     }),
                     "it answers 407 to CONNECT localhost:1");
}

TEST_F(https_proxy, rubbish_silence_and_hanging_up_are_unreachable) {
  expect_unreachable(get_through([](peer& client) {
                       client.read_request();
                       client.send("rubbish\r\n");
                     }),
                     "not HTTP/1");
  expect_unreachable(get_through([](peer& client) {
                       client.read_request();
                       client.send("HTTP/1.1 200 OK\r\n\r\nmore than asked for");
                     }),
                     "more than an answer");
  expect_unreachable(get_through([](peer& client) { client.read_request(); }), "without an answer");
  options.connect_timeout = 50ms;
  expect_unreachable(get_through([](peer& client) { client.wait_for_close(); }), "timed out");
}

TEST_F(https_proxy, a_flood_of_headers_is_cut_off) {
  expect_unreachable(get_through([](peer& client) {
                       client.read_request();
                       std::string flood = "HTTP/1.1 200 OK\r\n";
                       for (int i = 0; i < 10'000; ++i)
                         flood += "X-Flood: yes\r\n";
                       client.send(flood);
                     }),
                     "header is over 65536 bytes");
}

TEST_F(https_proxy, plain_http_to_loopback_goes_past_the_proxy) {
  const auto server = serve_plain({answer_all(answer(200, "direct"))});
  options.proxy = "http://127.0.0.1:1";
  const auto outcome = send(get(*server));
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_EQ(outcome->body, "direct");
}

TEST_F(https_proxy, a_proxy_must_be_an_http_url_without_a_path) {
  for (const auto* const proxy :
       {"https://proxy:3128", "proxy:3128", "http://u:p@proxy", "http://proxy/path"}) {
    const auto made = make_https_pool(context.get_executor(), {.proxy = proxy});
    ASSERT_FALSE(made) << proxy;
    EXPECT_EQ(made.error().kind, fault::refused);
    EXPECT_TRUE(made.error().text.starts_with("proxy: ")) << made.error().text;
  }
}

}  // namespace
}  // namespace canaryd::net
