#include "scripted_daemon.hpp"

#include <fmt/format.h>

#include <chrono>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// A request with its body, as Content-Length has it.
std::string read_request(int connection) {
  std::string bytes;
  for (;;) {
    const auto header_end = bytes.find("\r\n\r\n");
    if (header_end != std::string::npos) {
      const auto field = bytes.find("Content-Length: ");
      const auto length = field == std::string::npos ? 0UL : std::stoul(bytes.substr(field + 16));
      if (bytes.size() >= header_end + 4 + length)
        return bytes;
    }
    std::string more(4096, '\0');
    const auto got = recv(connection, more.data(), more.size(), 0);
    if (got <= 0)
      return bytes;
    bytes.append(more, 0, static_cast<std::size_t>(got));
  }
}

std::string chunk(std::string_view text) {
  return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
}

}  // namespace

scripted_daemon::scripted_daemon() {
  std::string folder = std::filesystem::temp_directory_path() / "canaryctl-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr)
    throw std::runtime_error{"mkdtemp"};
  folder_ = folder;
  path_ = folder_ / "control.sock";
  start();
}

scripted_daemon::~scripted_daemon() {
  stop();
  std::filesystem::remove_all(folder_);
}

void scripted_daemon::start() {
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 16) != 0)
    throw std::runtime_error{"cannot listen on " + path_};
  ends_ = false;
  thread_ = std::thread{[this] { serve(); }};
}

void scripted_daemon::stop() {
  stop_and_leave_the_socket();
  std::filesystem::remove(path_);
}

void scripted_daemon::stop_and_leave_the_socket() {
  if (!thread_.joinable())
    return;
  ends_ = true;
  thread_.join();
  close(listener_);
  const std::scoped_lock lock{guard_};
  for (const int stream : streams_)
    close(stream);
  streams_.clear();
}

void scripted_daemon::answer(const std::string& request, scripted_answer with) {
  const std::scoped_lock lock{guard_};
  answers_[request] = std::move(with);
}

void scripted_daemon::send_event(std::string_view name, std::string_view data) {
  const std::scoped_lock lock{guard_};
  for (const int stream : streams_)
    send_all(stream, chunk(fmt::format("event: {}\ndata: {}\n\n", name, data)));
}

bool scripted_daemon::wait_for_listener() const {
  for (int i = 0; i < 1000; ++i) {
    {
      const std::scoped_lock lock{guard_};
      if (!streams_.empty())
        return true;
    }
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

std::vector<std::string> scripted_daemon::requests() const {
  const std::scoped_lock lock{guard_};
  return requests_;
}

void scripted_daemon::serve() {
  while (!ends_) {
    pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 20) <= 0)
      continue;
    if (hangs_) {
      std::this_thread::sleep_for(20ms);
      continue;
    }
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0)
      serve_one(connection);
  }
}

void scripted_daemon::serve_one(int connection) {
  const auto request = read_request(connection);
  const auto method = request.substr(0, request.find(' '));
  const auto rest = request.substr(std::min(request.size(), method.size() + 1));
  const auto target = rest.substr(0, rest.find(' '));
  const auto body = request.substr(std::min(request.size(), request.find("\r\n\r\n") + 4));
  const std::scoped_lock lock{guard_};
  requests_.push_back(method + " " + target + (body.empty() ? "" : " " + body));
  if (target.starts_with("/v1/events")) {
    send_all(connection,
             "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
             "Transfer-Encoding: chunked\r\n\r\n" +
                 chunk(": heartbeat\n\n"));
    streams_.push_back(connection);
    return;
  }
  const auto found = find_answer(method, target);
  send_all(connection, fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n"
                                   "Connection: close\r\n\r\n{}",
                                   found.status, found.body.size(), found.body));
  close(connection);
}

scripted_answer scripted_daemon::find_answer(const std::string& method,
                                             const std::string& target) const {
  const auto found = answers_.find(method + " " + target.substr(0, target.find('?')));
  if (found != answers_.end())
    return found->second;
  return {.status = 404, .body = R"({"error":"not_found","detail":"no such job"})"};
}

}  // namespace canaryd::cli
