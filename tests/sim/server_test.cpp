#include "canaryd/sim/server.hpp"

#include "canaryd/net/https_pool.hpp"
#include "canaryd/sim/cert_dir.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/client.hpp"
#include <array>
#include <filesystem>
#include <optional>

namespace canaryd::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Certificates for all tests, in a directory that is removed with the program.
struct test_files {
  client_files made = prepare_client_files("", "demo-secret").value();
  ~test_files() { std::filesystem::remove_all(made.directory); }
};

const client_files& files() {
  static const test_files all;
  return all.made;
}

// A world behind a server in real time, and a pool that trusts it.
class server_test : public testing::Test {
 protected:
  void SetUp() override { start({}); }
  void TearDown() override {
    stop();
    EXPECT_TRUE(context.stopped());
  }

  void start(server_options options, bool tls = true) {
    stop();
    if (tls) {
      options.certificate = files().tls.cert_pem;
      options.private_key = files().tls.key_pem;
    }
    scheme = tls ? "https" : "http";
    serving = std::move(
        server::listen(context.get_executor(), user.played, "127.0.0.1", 0, std::move(options))
            .value());
    tasks.spawn(serving->run());
  }

  // Stops the server. run() then returns because nothing is left to do.
  void stop() {
    if (serving)
      serving->stop();
    context.restart();
    context.run_for(5s);
    EXPECT_EQ(tasks.size(), 0U);
    serving.reset();
  }

  net::request request(std::string method, std::string target, std::string body = {}) {
    auto built = user.request(std::move(method), std::move(target), std::move(body));
    built.target.scheme = scheme;
    built.target.host = "127.0.0.1";
    built.target.port = serving->port();
    built.timeout = 5s;
    return built;
  }

  template <class T>
  T await(async::task<T> work) {
    std::optional<T> result;
    tasks.spawn(keep(std::move(work), result));
    context.restart();
    while (!result && context.run_one_for(10s) > 0) {
    }
    return std::move(result.value());
  }
  result<net::response> send(net::request message) { return await(pool.send(std::move(message))); }

  template <class T>
  static async::task<> keep(async::task<T> work, std::optional<T>& result) {
    result.emplace(co_await std::move(work));
  }

  client user = std::move(client{{}, async::clock::now()}.log_in());
  boost::asio::io_context context{1};
  async::task_group tasks{context.get_executor()};
  net::https_pool pool =
      net::make_https_pool(context.get_executor(), {.ca_file = files().ca_file()}).value();
  std::unique_ptr<server> serving;
  std::string scheme;
};

TEST_F(server_test, the_api_is_served_over_tls_on_one_connection) {
  user.played.revoke_tokens();
  const auto token = send(request("POST", "/oauth/token",
                                  "grant_type=client_credentials&client_id=demo"
                                  "&client_secret=demo-secret&scope=bot:deploy"));
  ASSERT_TRUE(token) << token.error().text;
  user.token = boost::json::parse(token->body).at("access_token").get_string();
  const auto deployed = send(request("POST", "/api/v1/bots/bot_a/deploy", deploy_body()));
  ASSERT_TRUE(deployed);
  EXPECT_EQ(deployed->status, 201);
  EXPECT_EQ(net::find_header(deployed->headers, "Content-Type"), "application/json");
  EXPECT_EQ(user.played.deployments().size(), 1U);
  EXPECT_EQ(serving->connections(), 1U);
}

TEST_F(server_test, plain_http_is_served_where_there_is_no_certificate) {
  start({}, false);
  const auto state = send(request("GET", "/sim/state"));
  ASSERT_TRUE(state) << state.error().text;
  EXPECT_THAT(state->body, StartsWith(R"({"deployments":[])"));
}

TEST_F(server_test, faults_of_the_connection_are_played) {
  user.played.add_fault({.kind = fault_kind::lost_before, .count = 1});
  EXPECT_EQ(send(request("POST", "/api/v1/audit/logs", audit_body("r1"))).error().kind,
            canaryd::fault::lost);
  EXPECT_TRUE(user.played.audits().empty());
  user.played.add_fault({.kind = fault_kind::lost_after, .count = 1, .delay = 10ms});
  EXPECT_EQ(send(request("POST", "/api/v1/audit/logs", audit_body("r1"))).error().kind,
            canaryd::fault::lost);
  EXPECT_EQ(user.played.audits().size(), 1U);
  user.played.add_fault({.kind = fault_kind::cut_body, .count = 1});
  EXPECT_EQ(send(request("POST", "/api/v1/audit/logs", audit_body("r2"))).error().kind,
            canaryd::fault::lost);
  user.played.add_fault({.kind = fault_kind::oversize, .count = 1});
  EXPECT_EQ(send(request("POST", "/api/v1/audit/logs", audit_body("r3"))).error().kind,
            canaryd::fault::malformed);
}

TEST_F(server_test, an_answer_that_never_comes_waits_for_the_client_to_give_up) {
  user.played.add_fault({.kind = fault_kind::lost_after, .count = 1});
  auto silent = request("POST", "/api/v1/audit/logs", audit_body("r1"));
  silent.timeout = 50ms;
  EXPECT_EQ(send(silent).error().kind, canaryd::fault::lost);
  EXPECT_EQ(user.played.audits().size(), 1U);
}

TEST_F(server_test, many_clients_are_served_at_once) {
  user.played.add_fault({.kind = fault_kind::slow, .delay = 30ms});
  std::array<std::optional<result<net::response>>, 50> answers;
  for (auto& answer : answers)
    tasks.spawn(keep(pool.send(request("GET", "/api/v1/webhooks")), answer));
  EXPECT_EQ(send(request("GET", "/api/v1/webhooks"))->status, 200);
  EXPECT_GT(serving->connections(), 1U);
  context.restart();
  const auto is_missing = [](const auto& answer) { return !answer; };
  while (std::ranges::any_of(answers, is_missing) && context.run_one_for(5s) > 0) {
  }
  for (const auto& answer : answers)
    EXPECT_EQ(answer.value()->status, 200);
}

TEST_F(server_test, connections_over_the_limit_are_closed) {
  start({.max_connections = 0});
  EXPECT_EQ(send(request("GET", "/sim/state")).error().kind, canaryd::fault::unreachable);
}

TEST_F(server_test, idle_connections_are_closed) {
  start({.idle_limit = 20ms});
  ASSERT_TRUE(send(request("GET", "/sim/state")));
  EXPECT_EQ(serving->connections(), 1U);
  const auto deadline = async::clock::now() + 5s;
  while (serving->connections() > 0 && async::clock::now() < deadline)
    context.run_one_for(10ms);
  EXPECT_EQ(serving->connections(), 0U);
}

async::task<std::string> say(std::uint16_t port, std::string text) {
  net::plain_socket peer{co_await boost::asio::this_coro::executor};
  const boost::asio::ip::tcp::endpoint place{boost::asio::ip::address_v4::loopback(), port};
  co_await peer.async_connect(place, async::use_task);
  co_await boost::asio::async_write(peer, boost::asio::buffer(text), async::use_task);
  std::array<char, 256> space{};
  const auto size = co_await peer.async_read_some(boost::asio::buffer(space), async::use_task);
  co_return std::string(space.data(), size);
}

TEST_F(server_test, what_is_not_http_or_too_large_is_refused) {
  start({}, false);
  EXPECT_THAT(await(say(serving->port(), "rubbish\r\n\r\n")), HasSubstr("400 Bad Request"));
  EXPECT_THAT(await(say(serving->port(), "GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x'))),
              HasSubstr("431 "));
  EXPECT_THAT(await(say(serving->port(), "POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\nx")),
              HasSubstr("413 "));
}

TEST_F(server_test, every_request_is_shown_to_the_observer) {
  std::vector<std::string> seen;
  start({.on_reply = [&](const net::request& message, const reply& result) {
    seen.push_back(fmt::format("{} {}", message.target.target, result.answer.status));
  }});
  send(request("GET", "/sim/state"));
  send(request("GET", "/api/v1/webhooks"));
  EXPECT_THAT(seen, testing::ElementsAre("/sim/state 200", "/api/v1/webhooks 200"));
}

TEST_F(server_test, a_place_that_cannot_be_had_is_an_error) {
  const auto taken =
      server::listen(context.get_executor(), user.played, "127.0.0.1", serving->port(), {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, canaryd::fault::system);
  EXPECT_EQ(taken.error().text,
            fmt::format("127.0.0.1 port {}: Address already in use", serving->port()));
  EXPECT_FALSE(server::listen(context.get_executor(), user.played, "nowhere", 0, {}));
  EXPECT_THAT(server::listen(context.get_executor(), user.played, "127.0.0.1", 0,
                             {.certificate = "rubbish", .private_key = "rubbish"})
                  .error()
                  .text,
              StartsWith("the certificate cannot be used"));
}

}  // namespace
}  // namespace canaryd::sim
