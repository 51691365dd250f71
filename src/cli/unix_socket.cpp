#include "canaryd/cli/unix_socket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace canaryd::cli {
namespace {

constexpr std::size_t receive_at_most = 64UZ * 1024;

std::string no_daemon_text(const std::string& path, int reason) {
  if (reason == ENOENT || reason == ECONNREFUSED)
    return fmt::format(
        "no daemon at {}: is canaryd.service running? If its socket is elsewhere, name it with "
        "--socket or CANARYD_SOCKET",
        path);
  if (reason == EACCES || reason == EPERM)
    return fmt::format(
        "no access to {}: you are not in group canary-operators "
        "(usermod -aG canary-operators, then log in again)",
        path);
  return fmt::format("no daemon at {}: {}", path, std::strerror(reason));
}

std::unexpected<error> unreachable(const std::string& path, int reason) {
  return failure(fault::unreachable, no_daemon_text(path, reason));
}

result<void> wait_for(int fd, short what, steady_time until) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd waiting{.fd = fd, .events = what, .revents = 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<long>(0, left.count())));
    if (ready > 0)
      return {};
    if (ready == 0)
      return failure(fault::lost,
                     "the daemon does not answer: see `systemctl status canaryd` and the journal");
    if (errno != EINTR)
      return failure(fault::lost, std::strerror(errno));
  }
}

}  // namespace

result<unix_socket> unix_socket::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return unreachable(path, ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return unreachable(path, errno);
  unix_socket made{fd};
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return unreachable(path, errno);
  return made;
}

unix_socket::~unix_socket() {
  if (fd_ >= 0)
    close(fd_);
}

unix_socket::unix_socket(unix_socket&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

unix_socket& unix_socket::operator=(unix_socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

result<void> unix_socket::send(std::string_view bytes, steady_time until) const {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (auto writable = wait_for(fd_, POLLOUT, until); !writable)
        return writable;
    } else if (errno != EINTR) {
      return failure(fault::lost, fmt::format("the daemon hung up: {}", std::strerror(errno)));
    }
  }
  return {};
}

result<std::string> unix_socket::receive(steady_time until) const {
  std::string bytes(receive_at_most, '\0');
  for (;;) {
    const auto got = recv(fd_, bytes.data(), bytes.size(), 0);
    if (got >= 0) {
      bytes.resize(static_cast<std::size_t>(got));
      return bytes;
    }
    if (errno == EAGAIN) {
      if (auto readable = wait_for(fd_, POLLIN, until); !readable)
        return std::unexpected{readable.error()};
    } else if (errno != EINTR) {
      return failure(fault::lost, fmt::format("the daemon hung up: {}", std::strerror(errno)));
    }
  }
}

}  // namespace canaryd::cli
