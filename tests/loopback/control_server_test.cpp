// Tests the control socket with clients that are well-behaved, slow, greedy or rude.
#include "canaryd/daemon/control/control_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processes.hpp"
#include <arpa/inet.h>
#include <cerrno>
#include <fstream>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace canaryd::loopback {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;
namespace fs = std::filesystem;

// One end of a connection. It never blocks.
class client {
 public:
  explicit client(const fs::path& path) : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    connect(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  explicit client(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  ~client() { ::close(fd_); }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  // Returns how much was sent, or -1 if the other side has closed.
  ssize_t send(std::string_view bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  // Takes what has arrived.
  void receive() {
    std::array<char, 65536> space{};
    for (;;) {
      const auto size = ::recv(fd_, space.data(), space.size(), MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno != EAGAIN))
        closed = true;
      if (size <= 0)
        return;
      got.append(space.data(), static_cast<std::size_t>(size));
    }
  }

  std::string got;
  bool closed = false;

 private:
  void connect(const sockaddr* address, socklen_t size) {
    EXPECT_EQ(::connect(fd_, address, size), 0) << errno;
  }

  int fd_;
};

class control_server_test : public testing::Test {
 protected:
  void TearDown() override {
    tasks.cancel();
    EXPECT_TRUE(until([this] { return tasks.size() == 0; }));
    serving.reset();
    EXPECT_FALSE(fs::exists(socket_path())) << "the socket is removed";
  }

  fs::path socket_path() const { return directory.path() / "run" / "control.sock"; }
  daemon::control_addresses places() const { return {.socket = socket_path(), .http = {}}; }

  void start(daemon::control_limits limits = {}, std::optional<std::uint16_t> http_port = {}) {
    auto where = places();
    if (http_port)
      where.http = daemon::listen_address{"127.0.0.1", *http_port};
    auto opened = daemon::control_server::listen(context.get_executor(), where, limits);
    ASSERT_TRUE(opened) << opened.error().text;
    serving = *std::move(opened);
    tasks.spawn(serving->run([this](net::request asked, std::optional<daemon::peer> from) {
      return answer(std::move(asked), std::move(from));
    }));
  }

  async::task<daemon::control_answer> answer(net::request asked, std::optional<daemon::peer> from) {
    ++requests;
    if (asked.target.target == "/events") {
      daemon::control_answer streamed{
          {.status = 200, .headers = {{"Content-Type", "text/event-stream"}}}};
      streamed.events = events.listen("");
      co_return streamed;
    }
    if (asked.target.target == "/pieces") {
      daemon::control_answer answered{{.status = 200, .headers = {}, .body = "one"}};
      answered.more = [left = 2]() mutable {
        return left-- > 0 ? std::string(20, 'x') : std::string{};
      };
      co_return answered;
    }
    co_return daemon::control_answer{{.status = 200,
                                      .headers = {},
                                      .body = asked.method + " " + (from ? from->actor : "nobody") +
                                              " " + std::to_string(asked.body.size())}};
  }

  void pump(std::chrono::milliseconds time) {
    context.restart();
    context.run_for(time);
  }
  // Runs the server until the condition is true. Returns false if it is not within ten seconds.
  bool until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < deadline)
      pump(2ms);
    return condition();
  }
  // Runs the server until the client has received that text.
  bool receives(client& from, std::string_view text) {
    return until([&] {
      from.receive();
      return from.got.contains(text);
    });
  }
  bool is_closed(client& from) {
    return until([&] {
      from.receive();
      return from.closed;
    });
  }
  std::uint16_t http_port() const {
    const auto place = serving->listening().open.at(1);
    return static_cast<std::uint16_t>(std::stoi(place.substr(place.rfind(':') + 1)));
  }

  scratch_directory directory;
  boost::asio::io_context context{1};
  daemon::event_hub events{context.get_executor()};
  int requests = 0;
  std::unique_ptr<daemon::control_server> serving;
  async::task_group tasks{context.get_executor()};
};

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(control_server_test, a_socket_file_that_is_removed_is_made_again) {
  start({.socket_check = 20ms});
  pump(50ms);
  for (int times = 0; times < 2; ++times) {
    fs::remove(socket_path());
    ASSERT_TRUE(until([this] { return fs::exists(socket_path()); }));
    client late{socket_path()};
    late.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(receives(late, "200 OK"));
  }
}

TEST_F(control_server_test, what_somebody_puts_into_the_place_of_the_socket_stays_there) {
  start({.socket_check = 20ms});
  fs::remove(socket_path());
  std::ofstream{socket_path()} << "mine";
  pump(100ms);
  EXPECT_TRUE(fs::is_regular_file(socket_path()));
  fs::remove(socket_path());
  EXPECT_TRUE(until([this] { return fs::exists(socket_path()); }));
}

TEST_F(control_server_test, the_socket_is_for_its_user_and_group) {
  start();
  struct stat made{};
  ASSERT_EQ(::stat(socket_path().c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777U, 0660U);
  ASSERT_EQ(::stat(socket_path().parent_path().c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0027U, 0U);
}

TEST_F(control_server_test, who_asks_is_known_by_name) {
  start();
  client ada{socket_path()};
  ada.send(get);
  const auto* const user = ::getpwuid(::getuid());
  const std::string name = user == nullptr ? "" : user->pw_name;
  EXPECT_TRUE(receives(ada, "\r\n\r\nGET " + name + "(" + std::to_string(::getuid()) + ") 0"))
      << ada.got;
}

TEST_F(control_server_test, a_connection_carries_one_request_after_the_other) {
  start();
  client one{socket_path()};
  one.send(std::string{get} + std::string{get});
  EXPECT_TRUE(until([&] { return requests == 2; }));
  one.send("POST / HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
  EXPECT_TRUE(receives(one, "POST"));
  EXPECT_TRUE(is_closed(one));
  EXPECT_THAT(one.got, HasSubstr("Connection: close\r\n"));
}

TEST_F(control_server_test, head_has_the_length_of_the_body_and_no_body) {
  start();
  client one{socket_path()};
  one.send("HEAD / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(receives(one, "\r\n\r\n"));
  EXPECT_THAT(one.got, testing::ContainsRegex("Content-Length: [1-9]"));
  EXPECT_TRUE(one.got.ends_with("\r\n\r\n"));
}

TEST_F(control_server_test, an_answer_in_pieces_is_chunked) {
  start();
  client one{socket_path()};
  one.send("GET /pieces HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(receives(one, "\r\n0\r\n\r\n"));
  const std::string piece = "14\r\n" + std::string(20, 'x') + "\r\n";
  EXPECT_THAT(one.got, HasSubstr("Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n" + piece + piece));
  one.send(get);
  EXPECT_TRUE(receives(one, "GET "));
}

TEST_F(control_server_test, what_is_too_large_or_not_http_is_refused_and_not_handled) {
  start();
  const std::vector<std::pair<std::string, std::string>> table{
      {"rubbish\r\n\r\n", "400 "},
      {"GET / HTTP/1.1\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n", "431 "},
      {"POST / HTTP/1.1\r\nContent-Length: 262145\r\n\r\n", "413 "},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411 "},
      {"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501 "},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501 "},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 "},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nx", "400 "},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", "400 "},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", "400 "},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 "},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: cake\r\n\r\n", "417 "}};
  for (const auto& [sent, status] : table) {
    client rude{socket_path()};
    rude.send(sent);
    EXPECT_TRUE(receives(rude, "\"detail\"")) << status;
    EXPECT_THAT(rude.got, StartsWith("HTTP/1.1 " + status));
    EXPECT_TRUE(is_closed(rude)) << status;
  }
  EXPECT_EQ(requests, 0);
}

TEST_F(control_server_test, a_body_of_a_whole_job_file_is_taken) {
  start();
  client one{socket_path()};
  const auto sent = "POST / HTTP/1.1\r\nContent-Length: 262144\r\n\r\n" + std::string(262'144, 'x');
  for (std::size_t done = 0; done < sent.size();) {
    const auto count = one.send(std::string_view{sent}.substr(done));
    done += count > 0 ? static_cast<std::size_t>(count) : 0U;
    pump(1ms);
  }
  EXPECT_TRUE(receives(one, ") 262144"));
}

TEST_F(control_server_test, who_waits_for_the_word_to_send_a_body_gets_it) {
  start();
  client polite{socket_path()};
  polite.send("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n");
  ASSERT_TRUE(receives(polite, "HTTP/1.1 100 Continue\r\n\r\n"));
  EXPECT_EQ(requests, 0);
  polite.send("abc");
  EXPECT_TRUE(receives(polite, ") 3"));
  client too_large{socket_path()};
  too_large.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 262145\r\n\r\n");
  ASSERT_TRUE(receives(too_large, "\"detail\""));
  EXPECT_THAT(too_large.got, StartsWith("HTTP/1.1 413 "));
}

TEST_F(control_server_test, a_header_that_comes_in_pieces_counts_as_a_whole) {
  start();
  client slow{socket_path()};
  slow.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 40 && !slow.closed; ++i) {
    slow.send("X" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n");
    pump(1ms);
    slow.receive();
  }
  EXPECT_TRUE(receives(slow, "431 "));
}

TEST_F(control_server_test, a_request_that_never_ends_is_given_up) {
  start({.request_time = 300ms});
  client slow{socket_path()};
  slow.send("GET / HT");
  client quick{socket_path()};
  quick.send(get);
  EXPECT_TRUE(receives(quick, "200 OK")) << "nobody else waits for it";
  EXPECT_TRUE(is_closed(slow));
}

TEST_F(control_server_test, a_silent_connection_is_closed) {
  start({.idle_time = 300ms});
  client fresh{socket_path()};
  EXPECT_TRUE(is_closed(fresh));
  client used{socket_path()};
  used.send(get);
  EXPECT_TRUE(receives(used, "200 OK"));
  EXPECT_TRUE(is_closed(used));
}

TEST_F(control_server_test, beyond_the_limit_the_one_that_is_silent_longest_makes_way) {
  start({.max_connections = 2});
  client first{socket_path()};
  first.send("G");
  ASSERT_TRUE(until([&] { return serving->connections() == 1; }));
  client second{socket_path()};
  ASSERT_TRUE(until([&] { return serving->connections() == 2; }));
  client third{socket_path()};
  EXPECT_TRUE(is_closed(first));
  for (auto* other : {&second, &third}) {
    other->send(get);
    EXPECT_TRUE(receives(*other, "200 OK"));
  }
}

TEST_F(control_server_test, no_number_of_silent_connections_locks_an_operator_out) {
  start({.max_connections = 4});
  std::list<client> silent;
  for (int i = 0; i < 50; ++i)
    silent.emplace_back(socket_path());
  client urgent{socket_path()};
  urgent.send(get);
  EXPECT_TRUE(receives(urgent, "200 OK"));
  EXPECT_LE(serving->connections(), 4U);
}

TEST_F(control_server_test, no_number_of_clients_that_never_read_locks_an_operator_out) {
  start({.max_connections = 4});
  std::string many;
  for (int i = 0; i < 4000; ++i)
    many += "GET / HTTP/1.1\r\n\r\n";
  std::list<client> greedy;
  for (int i = 0; i < 4; ++i)
    greedy.emplace_back(socket_path());
  // Sends until none of the clients gets any further.
  for (int quiet = 0, last = -1; quiet < 20; quiet = requests == last ? quiet + 1 : 0) {
    last = requests;
    for (const auto& each : greedy)
      each.send(many);
    pump(2ms);
  }
  EXPECT_EQ(serving->connections(), 4U);
  client urgent{socket_path()};
  urgent.send(get);
  EXPECT_TRUE(receives(urgent, "200 OK"));
  EXPECT_LE(serving->connections(), 4U);
  EXPECT_EQ(std::ranges::count_if(greedy,
                                  [this](client& each) {
                                    pump(1ms);
                                    return each.send("x") < 0 && errno == EPIPE;
                                  }),
            1)
      << "one has made way, and no more";
}

TEST_F(control_server_test, where_everybody_is_served_the_new_one_is_closed) {
  start({.max_connections = 1});
  client listener{socket_path()};
  listener.send("GET /events HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(until([&] { return events.has_listeners(); }));
  client other{socket_path()};
  EXPECT_TRUE(is_closed(other));
}

TEST_F(control_server_test, a_client_that_does_not_take_its_answers_is_dropped) {
  start({.answer_time = 300ms});
  client greedy{socket_path()};
  EXPECT_TRUE(until([&] { return greedy.send(get) < 0 && errno == EPIPE; }));
  EXPECT_EQ(serving->connections(), 0U);
}

TEST_F(control_server_test, events_are_streamed_until_the_listener_goes) {
  start({.heartbeat = 30ms});
  auto listener = std::make_unique<client>(socket_path());
  listener->send("GET /events HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(until([&] { return events.has_listeners(); }));
  events.publish("state", "a", "{}");
  EXPECT_TRUE(receives(*listener, "event: state\ndata: {}\n\n"));
  EXPECT_TRUE(receives(*listener, "\n\n:\n\n")) << "a heartbeat";
  listener.reset();
  EXPECT_TRUE(until([&] { return !events.has_listeners() && serving->connections() == 0; }));
}

TEST_F(control_server_test, a_listener_that_does_not_read_is_dropped) {
  start();
  client slow{socket_path()};
  slow.send("GET /events HTTP/1.1\r\n\r\n");
  client quick{socket_path()};
  quick.send("GET /events HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(until([&] { return events.listeners() == 2; }));
  const std::string data(4096, 'x');
  for (int i = 0; i < 1000 && events.listeners() == 2; ++i) {
    events.publish("log", "", data);
    pump(1ms);
    quick.receive();
  }
  EXPECT_EQ(events.listeners(), 1U);
  EXPECT_TRUE(until([&] { return serving->connections() == 1; }));
  events.publish("log", "", "last");
  EXPECT_TRUE(receives(quick, "data: last"));
}

TEST_F(control_server_test, a_stop_ends_streams_at_once) {
  start();
  client listener{socket_path()};
  listener.send("GET /events HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(until([&] { return events.has_listeners(); }));
  tasks.cancel();
  EXPECT_TRUE(until([&] { return tasks.size() == 0; }));
  serving.reset();
  EXPECT_TRUE(is_closed(listener));
}

TEST_F(control_server_test, tcp_knows_nobody) {
  start({}, 0);
  client one{http_port()};
  one.send(get);
  EXPECT_TRUE(receives(one, "GET nobody 0"));
}

TEST_F(control_server_test, the_socket_of_a_dead_daemon_is_replaced) {
  fs::create_directory(socket_path().parent_path());
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path().native().copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(dead);
  start();
  client one{socket_path()};
  one.send(get);
  EXPECT_TRUE(receives(one, "200 OK"));
}

TEST_F(control_server_test, the_socket_of_a_living_daemon_is_left_alone) {
  start();
  const auto second = daemon::control_server::listen(context.get_executor(), places());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr("another process listens there"));
  client one{socket_path()};
  one.send(get);
  EXPECT_TRUE(receives(one, "200 OK"));
}

TEST_F(control_server_test, a_file_in_its_place_is_left_alone) {
  fs::create_directory(socket_path().parent_path());
  write_file(socket_path(), "precious");
  const auto opened = daemon::control_server::listen(context.get_executor(), places());
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("not a socket"));
  EXPECT_EQ(read_file(socket_path()), "precious");
  fs::remove(socket_path());
}

TEST_F(control_server_test, a_port_in_use_is_told_and_taken_as_soon_as_it_is_free) {
  auto other = std::make_unique<boost::asio::ip::tcp::acceptor>(
      context, boost::asio::ip::tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0});
  const auto port = other->local_endpoint().port();
  start({.port_retry = 20ms}, port);
  EXPECT_THAT(serving->listening().open, testing::ElementsAre(socket_path().native()));
  EXPECT_THAT(serving->listening().trouble, HasSubstr(fmt::format("127.0.0.1 port {}", port)));
  client one{socket_path()};
  one.send(get);
  EXPECT_TRUE(receives(one, "200 OK"));
  pump(50ms);
  other.reset();
  ASSERT_TRUE(until([&] { return serving->listening().trouble.empty(); }));
  client two{http_port()};
  two.send(get);
  EXPECT_TRUE(receives(two, "GET nobody 0"));
}

}  // namespace
}  // namespace canaryd::loopback
