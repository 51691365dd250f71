#include "canaryd/daemon/control/control_server.hpp"

#include "canaryd/daemon/control/control_connection.hpp"
#include "canaryd/daemon/tell/log.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::system::error_code;
using local = boost::asio::local::stream_protocol;

constexpr mode_t socket_mode = 0660;
constexpr mode_t folder_mode = 0750;

std::unexpected<error> trouble(std::string_view what, std::string_view why) {
  return failure(fault::system, fmt::format("cannot listen at {}: {}", what, why));
}

std::string system_text(int code) {
  return std::generic_category().message(code);
}

// If only the service may write to the folder, the configuration can name another place.
std::unexpected<error> socket_trouble(const std::string& path, int code) {
  return trouble(path, code == EACCES
                           ? system_text(code) + " (control_socket configures another place)"
                           : system_text(code));
}

// Removes a socket that nobody listens at, to make room for a new one.
result<void> remove_stale(const std::string& path) {
  struct stat present{};
  if (::lstat(path.c_str(), &present) != 0)
    return {};
  if (!S_ISSOCK(present.st_mode))
    return trouble(path, "there is something that is not a socket");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0)
    return trouble(path, system_text(errno));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
  const int outcome =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int code = errno;
  ::close(probe);
  if (outcome == 0 || code == EAGAIN)
    return trouble(path, "another process listens there");
  if (code != ECONNREFUSED && code != ENOENT)
    return trouble(path, system_text(code));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return trouble(path, system_text(errno));
  return {};
}

// Returns false if accept must be tried again after a pause, for example for want of descriptors.
bool is_accepted(const error_code& problem) {
  if (problem == boost::asio::error::operation_aborted)
    throw boost::system::system_error{problem};
  return !problem;
}

}  // namespace

result<std::unique_ptr<control_server>> control_server::listen(async::executor ex,
                                                               control_addresses where,
                                                               control_limits limits) {
  std::unique_ptr<control_server> made{new control_server{ex, std::move(where), limits}};
  if (const auto opened = made->open_local(); !opened)
    return std::unexpected{opened.error()};
  if (made->where_.http) {
    if (const auto opened = made->open_http(); !opened)
      made->http_trouble_ = opened.error().text;
  }
  return made;
}

control_server::control_server(async::executor ex, control_addresses where, control_limits limits)
    : where_{std::move(where)}, limits_{limits}, local_{ex}, http_{ex}, tasks_{ex, [this] {
                                                                                 error_code ignored;
                                                                                 local_.cancel(
                                                                                     ignored);
                                                                               }} {}

control_server::~control_server() {
  if (is_local_in_place())
    ::unlink(where_.socket.c_str());
}

bool control_server::is_local_in_place() const {
  struct stat present{};
  return inode_ != 0 && ::lstat(where_.socket.c_str(), &present) == 0 &&
         present.st_dev == device_ && present.st_ino == inode_;
}

result<void> control_server::open_local() {
  const auto& path = where_.socket;
  const auto folder = std::filesystem::path{path}.parent_path();
  if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST)
    return socket_trouble(path, errno);
  if (auto way = remove_stale(path); !way)
    return way;
  error_code problem;
  local_.open(local{}, problem);
  if (!problem)
    local_.bind(local::endpoint{path}, problem);
  if (problem)
    return socket_trouble(path, problem.value());
  struct stat made{};
  // Done before anybody can connect.
  if (::chmod(path.c_str(), socket_mode) != 0 || ::lstat(path.c_str(), &made) != 0)
    return trouble(path, system_text(errno));
  device_ = made.st_dev;
  inode_ = made.st_ino;
  local_.listen(boost::asio::socket_base::max_listen_connections, problem);
  if (problem)
    return trouble(path, problem.message());
  return {};
}

result<void> control_server::open_http() {
  const auto what = fmt::format("{} port {}", where_.http->host, where_.http->port);
  error_code problem;
  const tcp::endpoint place{boost::asio::ip::make_address(where_.http->host, problem),
                            where_.http->port};
  if (!problem)
    http_.open(place.protocol(), problem);
  if (!problem)
    http_.set_option(boost::asio::socket_base::reuse_address{true}, problem);
  if (!problem)
    http_.bind(place, problem);
  if (!problem)
    http_.listen(boost::asio::socket_base::max_listen_connections, problem);
  if (problem) {
    error_code ignored;
    http_.close(ignored);
    return trouble(what, problem.message());
  }
  where_.http->port = http_.local_endpoint().port();
  return {};
}

// Another program may have the port, or the address may appear later with the network. Canaries do
// not wait for that.
async::task<> control_server::open_http_at_last() {
  if (http_trouble_.empty())
    co_return;
  log(severity::critical, topic::port_not_open, "the port of http_listen is not open, trying again",
      {{"error", http_trouble_}});
  while (!http_trouble_.empty()) {
    co_await async::sleep_for(limits_.port_retry);
    const auto opened = open_http();
    http_trouble_ = opened ? "" : opened.error().text;
  }
  log(severity::info, topic::port_open, "the port of http_listen is open",
      {{"address", listening().open.back()}});
}

listening_addresses control_server::listening() const {
  listening_addresses addresses{.open = {where_.socket}, .trouble = http_trouble_};
  if (where_.http && http_trouble_.empty()) {
    const bool is_v6 = where_.http->host.contains(':');
    addresses.open.push_back(fmt::format("{}{}{}:{}", is_v6 ? "[" : "", where_.http->host,
                                         is_v6 ? "]" : "", where_.http->port));
  }
  return addresses;
}

async::task<> control_server::run(control_handler handler) {
  handler_ = std::move(handler);
  if (where_.http)
    tasks_.spawn(accept_http());
  tasks_.spawn(keep_local());
  co_await async::run_and_join(tasks_, accept_local());
}

async::task<> control_server::keep_local() {
  bool was_told = false;
  for (;;) {
    co_await async::sleep_for(limits_.socket_check);
    if (is_local_in_place())
      continue;
    error_code ignored;
    local_.close(ignored);
    inode_ = 0;
    const auto opened = open_local();
    if (opened)
      log(severity::critical, topic::removed_underneath,
          "the control socket was removed, and is made again", {{"file", where_.socket}});
    else if (!was_told)
      log(severity::critical, topic::removed_underneath,
          "the control socket was removed, and cannot be made again, trying again",
          {{"file", where_.socket}, {"error", opened.error().text}});
    was_told = !opened;
  }
}

async::task<> control_server::accept_local() {
  for (;;) {
    error_code problem;
    auto accepted =
        co_await local_.async_accept(boost::asio::redirect_error(async::use_task, problem));
    if (problem) {
      tasks_.rethrow_failure();
      // The socket is closed and will be made again. If this task is cancelled, the wait ends it.
      co_await async::sleep_for(100ms);
      continue;
    }
    net::local_socket socket{std::move(accepted)};
    auto from = known_peer(socket);
    if (from)
      admit(std::move(socket), std::move(from), local_visits_);
  }
}

async::task<> control_server::accept_http() {
  co_await open_http_at_last();
  for (;;) {
    error_code problem;
    auto accepted =
        co_await http_.async_accept(boost::asio::redirect_error(async::use_task, problem));
    if (!is_accepted(problem)) {
      co_await async::sleep_for(100ms);
      continue;
    }
    accepted.set_option(tcp::no_delay{true}, problem);
    admit(net::local_socket{std::move(accepted)}, std::nullopt, http_visits_);
  }
}

// Removes a connection from the list, however its task ends.
struct control_server::departure {
  visit_list& visits;
  visit_list::iterator self;
  ~departure() { visits.erase(self); }
};

void control_server::admit(net::local_socket socket, std::optional<peer> from, visit_list& visits) {
  if (visits.size() >= limits_.max_connections) {
    const auto oldest = std::ranges::min_element(
        visits, {}, [](const visit& each) { return each.state.waits_since; });
    if (oldest->state.waits_since == instant::max())
      return;
    // It leaves the list by itself. Until then it must not be chosen again.
    oldest->state.waits_since = instant::max();
    async::task_group::cancel(oldest->task);
  }
  const auto self = visits.insert(visits.end(), visit{.state = {async::clock::now()}});
  self->task = tasks_.spawn(serve(std::move(socket), std::move(from), visits, self));
}

std::optional<peer> control_server::known_peer(net::local_socket& socket) {
  auto from = peer_of(socket.native_handle());
  if (from)
    from->actor = names_.actor_of(from->uid, async::clock::now());
  return from;
}

async::task<> control_server::serve(net::local_socket socket, std::optional<peer> from,
                                    visit_list& visits, visit_list::iterator self) {
  const departure at_the_end{.visits = visits, .self = self};
  try {
    co_await serve_connection(socket, from, limits_, handler_, self->state);
  } catch (const boost::system::system_error&) {
    // The client has gone, or this connection was cancelled: either way it ends.
  }
}

}  // namespace canaryd::daemon
