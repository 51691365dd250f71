#include "haproxy_process.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace canaryd::platform {
namespace {

// An ordinary user's PATH has no /usr/sbin.
constexpr auto program = "/usr/sbin/haproxy";

pid_t spawn(std::vector<std::string> arguments, const std::string& log_file) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (auto& argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log_file.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  // Asio's sockets would be inherited, and go on listening there.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t pid = -1;
  EXPECT_EQ(::posix_spawn(&pid, program, &actions, nullptr, argv.data(), environ), 0)
      << program << " is missing: scripts/install-deps test installs it";
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

int wait_for(pid_t pid) {
  int status = -1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

haproxy_process::haproxy_process(const std::string& config_file, const std::string& log_file)
    : pid_{spawn({"haproxy", "-db", "-f", config_file}, log_file)} {}

haproxy_process::~haproxy_process() {
  if (pid_ <= 0)
    return;
  signal(SIGKILL);
  wait_for(pid_);
}

void haproxy_process::signal(int number) const {
  ASSERT_GT(pid_, 0);
  ASSERT_EQ(::kill(pid_, number), 0);
}

int check_config(const std::string& config_file, const std::string& log_file) {
  const auto pid = spawn({"haproxy", "-c", "-f", config_file}, log_file);
  return pid > 0 ? wait_for(pid) : -1;
}

}  // namespace canaryd::platform
