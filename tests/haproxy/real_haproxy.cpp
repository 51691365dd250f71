#include "real_haproxy.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <fstream>
#include <iterator>
#include <stdlib.h>

namespace canaryd::platform {
namespace fs = std::filesystem;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

namespace {

std::string whole_file(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

scratch_folder::scratch_folder() {
  auto pattern = (fs::temp_directory_path() / "canaryd-haproxy-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

scratch_folder::~scratch_folder() {
  fs::remove_all(path_);
}

std::string scratch_folder::write(const std::string& name, const std::string& text) const {
  std::ofstream{path_ / name} << text;
  return file(name);
}

bool within(std::chrono::milliseconds limit, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

real_haproxy::real_haproxy()
    : cognigy_{[this](const net::request& asked) { return answer_as_cognigy(asked); }, &identity_} {
  bot = {.bot_id = "orders",
         .environment_id = "prod",
         .map_file = folder.file("canaryd.map"),
         .map_key = "orders",
         .seed = 42,
         .stable_backend = "orders_stable",
         .canary_backend = "orders_canary",
         .endpoint_host = "localhost",
         .endpoint_port = cognigy_.port(),
         .ca_file = folder.write("ca.pem", identity_.ca_pem),
         .stable_url_token = stable_token,
         .canary_url_token = canary_token,
         .daemon_port = free_port(),
         .bind = "127.0.0.1:" + std::to_string(users_port_),
         .stats_socket = folder.file("admin.sock"),
         .run_as = ""};
  start_daemon();
}

void real_haproxy::start(const std::string& map) {
  folder.write("canaryd.map", map);
  restart();
}

void real_haproxy::restart() {
  haproxy_.reset();
  user_ = boost::asio::ip::tcp::socket{context};
  const auto config = folder.write("haproxy.cfg", make_haproxy_config(bot).value());
  haproxy_ = std::make_unique<haproxy_process>(config, folder.file("haproxy.log"));
  ASSERT_TRUE(within(10s, [this] { return get("/x").starts_with("GET\n"); }))
      << whole_file(folder.file("haproxy.log"));
}

haproxy_splitter real_haproxy::make_splitter(duration timeout) const {
  return haproxy_splitter{{.socket = bot.stats_socket, .map = bot.map_file, .timeout = timeout}};
}

void real_haproxy::set_share(basis_points share) {
  auto splitter = make_splitter();
  const auto done = finish(splitter.set_share(bot.map_key, share));
  ASSERT_TRUE(done) << done.error().text;
}

std::string real_haproxy::get(const std::string& target) {
  return exchange("GET", target, "");
}

std::string real_haproxy::post(const std::string& target, const std::string& body) {
  return exchange("POST", target, body);
}

std::string real_haproxy::say(const std::string& session) {
  return post("/" + bot.stable_url_token,
              R"({"userId":"u","sessionId":")" + session + R"(","text":"hello"})");
}

bool real_haproxy::is_on_canary(const std::string& session) {
  const auto said = say(session);
  const bool canary = said.starts_with("POST\n/" + bot.canary_url_token + "\n");
  EXPECT_TRUE(canary || said.starts_with("POST\n/" + bot.stable_url_token + "\n")) << said;
  return canary;
}

std::vector<bool> real_haproxy::arms_of(const std::vector<std::string>& sessions) {
  std::vector<bool> arms;
  arms.reserve(sessions.size());
  for (const auto& session : sessions)
    arms.push_back(is_on_canary(session));
  return arms;
}

void real_haproxy::start_daemon() {
  daemon_ = std::make_unique<http_stub>(
      [this](const net::request& asked) { return answer_as_daemon(asked); }, nullptr,
      bot.daemon_port);
}

sim::reply real_haproxy::answer_as_cognigy(const net::request& asked) const {
  const auto host = net::find_header(asked.headers, "Host").value_or("none");
  return {.answer = {.status = cognigy_status,
                     .headers = {},
                     .body = asked.method + "\n" + asked.target.target + "\n" + std::string{host} +
                             "\n" + asked.body}};
}

sim::reply real_haproxy::answer_as_daemon(const net::request& asked) const {
  const bool is_right = asked.target.target == "/v1/watched/orders/prod" && asked.method == "GET";
  return {.answer = {.status = is_right ? watched_status.load() : 404, .headers = {}, .body = ""},
          .delay = daemon_hangs ? duration::max() : duration::zero()};
}

// Over one connection after the other, each for as long as HAProxy keeps it open.
std::string real_haproxy::exchange(const std::string& method, const std::string& target,
                                   const std::string& body) {
  http::request<http::string_body> asked;
  asked.method_string(method);
  asked.target(target);
  asked.set(http::field::host, "bot.example.com");
  asked.body() = body;
  asked.prepare_payload();
  boost::system::error_code ec;
  if (!user_.is_open())
    user_.connect({boost::asio::ip::address_v4::loopback(), users_port_}, ec);
  http::response_parser<http::string_body> reader;
  boost::beast::flat_buffer space;
  if (!ec)
    http::write(user_, asked, ec);
  if (!ec)
    http::read(user_, space, reader, ec);
  if (ec || !reader.keep_alive())
    user_ = boost::asio::ip::tcp::socket{context};
  if (ec)
    return ec.message();
  const auto& answer = reader.get();
  return answer.result_int() == 200 ? answer.body() : std::to_string(answer.result_int());
}

}  // namespace canaryd::platform
