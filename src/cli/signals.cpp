#include "canaryd/cli/signals.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/signalfd.h>
#include <unistd.h>

namespace canaryd::cli {
namespace {

sigset_t taken_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH})
    sigaddset(&set, number);
  return set;
}

}  // namespace

signal_inbox::signal_inbox() {
  const auto set = taken_signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0)
    throw std::runtime_error{std::string{"signalfd: "} + std::strerror(errno)};
}

signal_inbox::~signal_inbox() {
  const auto set = taken_signals();
  close(fd_);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

std::optional<int> signal_inbox::next() const {
  signalfd_siginfo info{};
  if (read(fd_, &info, sizeof info) != sizeof info)
    return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace canaryd::cli
