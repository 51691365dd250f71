#include "canaryctl_run.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

void append_some(int fd, std::string& to) {
  std::array<char, 4096> bytes{};
  const auto got = read(fd, bytes.data(), bytes.size());
  if (got > 0)
    to.append(bytes.data(), static_cast<std::size_t>(got));
}

}  // namespace

canaryctl_run::canaryctl_run(const std::vector<std::string>& arguments) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
    return;
  std::string program = CANARYD_BIN_DIR "/canaryctl";
  auto copies = arguments;
  std::vector<char*> argv{program.data()};
  for (auto& each : copies)
    argv.push_back(each.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], 1);
    dup2(err[1], 2);
    execv(program.c_str(), argv.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

canaryctl_run::~canaryctl_run() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(out_);
  close(err_);
}

bool canaryctl_run::read_some() {
  std::array<pollfd, 2> waiting{
      {{.fd = out_, .events = POLLIN, .revents = 0}, {.fd = err_, .events = POLLIN, .revents = 0}}};
  if (poll(waiting.data(), waiting.size(), 50) <= 0)
    return true;
  if ((waiting[0].revents & POLLIN) != 0)
    append_some(out_, seen_.out);
  if ((waiting[1].revents & POLLIN) != 0)
    append_some(err_, seen_.err);
  return ((waiting[0].revents | waiting[1].revents) & POLLIN) != 0;
}

bool canaryctl_run::wait_for(const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (!seen_.out.contains(text) && std::chrono::steady_clock::now() < until) {
    if (!read_some())
      return seen_.out.contains(text);
  }
  return seen_.out.contains(text);
}

void canaryctl_run::signal(int number) const {
  kill(pid_, number);
}

finished_run canaryctl_run::finish() {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (read_some()) {
    if (std::chrono::steady_clock::now() > until)
      kill(pid_, SIGKILL);
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  seen_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return seen_;
}

finished_run run_canaryctl(const std::vector<std::string>& arguments) {
  return canaryctl_run{arguments}.finish();
}

}  // namespace canaryd::cli
