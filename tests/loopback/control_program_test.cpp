// Tests the running daemon through its control socket.
#include "canaryd/store/sqlite/sqlite.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processes.hpp"
#include <memory>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace canaryd::loopback {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace json = boost::json;
namespace fs = std::filesystem;
using anywhere = boost::asio::generic::stream_protocol;
using boost::asio::ip::tcp;
using local = boost::asio::local::stream_protocol;

// A connection whose calls wait for the daemon, at most half a minute.
class connection {
 public:
  explicit connection(const anywhere::endpoint& place) {
    socket_.connect(place);
    const timeval limit{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  void send(const std::string& text) { boost::asio::write(socket_, boost::asio::buffer(text)); }
  // Reads everything until the other side closes.
  std::string rest() {
    boost::system::error_code end;
    std::string text;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(text), end);
    return text;
  }

 private:
  boost::asio::io_context context_{1};
  anywhere::socket socket_{context_};
};

struct answer {
  std::string status;
  std::string text;
  json::object body;
};

class control_program : public testing::Test {
 protected:
  local::endpoint control() const { return {here.file("control.sock").native()}; }

  answer ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    return ask_at(control(), method, target, body);
  }
  static answer ask_at(const anywhere::endpoint& place, const std::string& method,
                       const std::string& target, const std::string& body = {}) {
    connection to{place};
    to.send(fmt::format("{} {} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
                        method, target, body.size(), body));
    const auto text = to.rest();
    const auto head = text.find("\r\n\r\n");
    EXPECT_NE(head, std::string::npos) << text;
    answer got{text.substr(9, 3), text.substr(head + 4), {}};
    boost::system::error_code not_json;
    if (const auto parsed = json::parse(got.text, not_json); parsed.is_object())
      got.body = parsed.as_object();
    return got;
  }
  std::string job(const std::string& version) const {
    return fmt::format(R"({{"bot_id":"bot_{0}","environment_id":"env","version":"{0}",
      "traffic_matrix":{{"stable":90,"canary":10}},"max_traffic_percentage":10,
      "validation_interval":"200ms","validation_duration":"30s","min_conversations":0,
      "rollback_thresholds":{{"error_rate":1,"satisfaction_score":0,"max_latency_ms":100000}}}})",
                       version);
  }
  void start() {
    daemon = here.start();
    ASSERT_TRUE(daemon->says("canaryd is ready")) << daemon->output();
  }

  installation here;
  std::unique_ptr<process> daemon;
};

TEST_F(control_program, a_job_is_submitted_watched_and_asked_about) {
  start();
  connection listener{control()};
  listener.send("GET /v1/events?job=orders HTTP/1.1\r\n\r\n");
  const auto submitted = ask("POST", "/v1/jobs?name=orders", job("2.1.0"));
  EXPECT_EQ(submitted.status, "201") << submitted.text;
  EXPECT_EQ(submitted.body.at("job_id"), "orders");
  EXPECT_TRUE(eventually([&] {
    return !ask("GET", "/v1/jobs/orders/readings").body.at("readings").as_array().empty();
  }));
  const auto shown = ask("GET", "/v1/jobs").body.at("jobs").at(0);
  EXPECT_EQ(shown.at("state"), "observing");
  EXPECT_EQ(shown.at("traffic"), 10);
  EXPECT_TRUE(shown.at("next_check_at").is_string());
  EXPECT_EQ(ask("GET", "/v1/status").body.at("jobs").at("observing"), 1);
  EXPECT_EQ(ask("GET", "/readyz").status, "200");
  EXPECT_TRUE(daemon->says(fmt::format("({}) job=orders answer=201", ::getuid())));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(2s), 0) << "a stream holds nobody up";
  const auto events = listener.rest();
  EXPECT_THAT(events, HasSubstr("event: log\ndata: {"));
  EXPECT_THAT(events, HasSubstr("event: state\ndata: {"));
  EXPECT_THAT(events, HasSubstr("event: reading\ndata: {"));
  EXPECT_FALSE(fs::exists(here.file("control.sock")));
}

TEST_F(control_program, a_file_that_is_no_job_is_refused_and_leaves_nothing_behind) {
  start();
  const auto refused = ask("POST", "/v1/jobs?name=orders", "{\n  \"bot_id\": 7\n}");
  EXPECT_EQ(refused.status, "422");
  EXPECT_EQ(refused.body.at("error"), "rejected");
  EXPECT_GT(refused.body.at("errors").as_array().size(), 3U);
  EXPECT_TRUE(fs::is_empty(here.file("jobs/incoming")));
  EXPECT_TRUE(fs::is_empty(here.file("jobs/rejected")));
}

TEST_F(control_program, a_canary_is_paused_resumed_and_aborted) {
  start();
  ask("POST", "/v1/jobs?name=orders", job("2.1.0"));
  EXPECT_TRUE(
      eventually([&] { return ask("GET", "/v1/jobs/orders").body.at("state") == "observing"; }));
  const auto paused =
      ask("POST", "/v1/jobs/orders/pause", R"({"expect_state":"observing","reason":"lunch"})");
  EXPECT_EQ(paused.status, "200") << paused.text;
  EXPECT_EQ(paused.body.at("state"), "paused");
  EXPECT_EQ(ask("POST", "/v1/jobs/orders/pause").status, "200") << "it is so already";
  const auto mistaken = ask("POST", "/v1/jobs/orders/resume", R"({"expect_step":2})");
  EXPECT_EQ(mistaken.status, "409");
  EXPECT_EQ(mistaken.body.at("state"), "paused");
  EXPECT_EQ(ask("POST", "/v1/jobs/orders/resume").body.at("state"), "observing");
  EXPECT_EQ(ask("POST", "/v1/jobs/orders/abort").status, "200");
  const auto result = here.result_of("orders");
  EXPECT_EQ(result.at("status"), "rolled_back");
  EXPECT_EQ(result.at("reason"), "operator_abort");
  EXPECT_TRUE(eventually([&] { return ask("GET", "/v1/jobs").text == "{\"jobs\":[]}\n"; }));
  EXPECT_EQ(ask("POST", "/v1/jobs/orders/abort").status, "200");
  EXPECT_EQ(ask("POST", "/v1/jobs/orders/promote").status, "409");
  store::connection state{here.file("state/state.db")};
  auto record = state.query("SELECT actor FROM audit_outbox WHERE action = 'canary_paused'");
  ASSERT_TRUE(record.next());
  EXPECT_THAT(std::string{record.text(0)}, HasSubstr(fmt::format("({})", ::getuid())));
}

TEST_F(control_program, the_socket_of_a_killed_daemon_is_no_obstacle) {
  start();
  daemon->signal(SIGKILL);
  daemon->wait();
  EXPECT_TRUE(fs::exists(here.file("control.sock")));
  fs::remove(here.file("canaryd.log"));
  start();
  EXPECT_EQ(ask("GET", "/healthz").status, "200");
}

TEST_F(control_program, where_somebody_else_listens_the_daemon_does_not_start) {
  start();
  here.configure({}, {{"state_dir", here.file("other").string()},
                      {"jobs_dir", here.file("other_jobs").string()}});
  process second{"canaryd", {"--config", here.config_file()}, here.file("second.log")};
  EXPECT_EQ(second.wait(), 75);
  EXPECT_THAT(second.output(), HasSubstr("another process listens there"));
  EXPECT_EQ(ask("GET", "/healthz").status, "200");
}

TEST_F(control_program, what_measures_asks_over_tcp_and_sees_nothing_else) {
  here.configure({}, {{"http_listen", "127.0.0.1:0"}});
  start();
  const auto places = ask("GET", "/v1/status").body.at("listening").as_array();
  ASSERT_EQ(places.size(), 2U);
  const std::string place{places[1].as_string()};
  const auto port = static_cast<std::uint16_t>(std::stoi(place.substr(place.rfind(':') + 1)));
  const tcp::endpoint http{boost::asio::ip::address_v4::loopback(), port};
  EXPECT_EQ(ask_at(http, "GET", "/healthz").status, "200");
  EXPECT_EQ(ask_at(http, "GET", "/readyz").status, "200");
  EXPECT_THAT(ask_at(http, "GET", "/metrics").text, HasSubstr("\ncanaryd_build_info{version="));
  EXPECT_THAT(ask("GET", "/metrics").text, HasSubstr("\ncanaryd_build_info{version="));
  EXPECT_EQ(ask_at(http, "GET", "/v1/jobs").status, "404");
  EXPECT_EQ(ask_at(http, "POST", "/v1/jobs?name=orders", job("2.1.0")).status, "404");
}

TEST_F(control_program, a_token_that_is_refused_makes_the_daemon_unready) {
  write_file(here.file("certs/wrong"), "not the secret");
  here.configure({{"client_secret_file", here.file("certs/wrong").string()}});
  start();
  answer ready;
  EXPECT_TRUE(eventually([&] {
    ready = ask("GET", "/readyz");
    return ready.status == "503";
  }));
  EXPECT_THAT(std::string{ready.body.at("checks").at("token").as_string()}, HasSubstr("no token"));
  EXPECT_EQ(ask("GET", "/healthz").status, "200");
}

}  // namespace
}  // namespace canaryd::loopback
