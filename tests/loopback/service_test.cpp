// The daemon under a service manager: what it sends to the socket that systemd would give it.
#include <gtest/gtest.h>

#include "processes.hpp"
#include <algorithm>
#include <array>
#include <cstring>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace canaryd::loopback {
namespace {

using namespace std::chrono_literals;

// Replaces systemd: daemons that start while it exists report to it.
class service_manager {
 public:
  explicit service_manager(std::chrono::microseconds watchdog) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (directory_.path() / "notify").string();
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", std::to_string(watchdog.count()).c_str(), 1);
  }
  ~service_manager() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }
  service_manager(const service_manager&) = delete;
  service_manager& operator=(const service_manager&) = delete;

  // Waits for a message with that beginning. Earlier messages are in `heard`.
  bool hears(std::string_view beginning) {
    return eventually([&] {
      receive();
      return std::ranges::any_of(heard, [&](const auto& m) { return m.starts_with(beginning); });
    });
  }

  std::size_t count(std::string_view message) {
    receive();
    return static_cast<std::size_t>(std::ranges::count(heard, message));
  }

  std::vector<std::string> heard;

 private:
  void receive() {
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0)
        return;
      heard.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
  }

  scratch_directory directory_;
  int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(service, ready_is_said_when_jobs_are_resumed_and_incoming_is_watched) {
  const installation here;
  service_manager manager{60s};
  const auto daemon = here.start();
  ASSERT_TRUE(manager.hears("READY=1"));
  // Another thread writes the line, so the test waits for it.
  EXPECT_TRUE(daemon->says("canaryd is ready")) << daemon->output();
}

TEST(service, a_configuration_that_is_wrong_is_never_ready) {
  const installation here;
  write_file(here.config_file(), "{}");
  service_manager manager{60s};
  const auto daemon = here.start();
  EXPECT_EQ(daemon->wait(), 78);
  EXPECT_EQ(manager.count("READY=1"), 0);
}

TEST(service, the_status_says_how_many_canaries_there_are_and_how_the_api_does) {
  const installation here;
  service_manager manager{60s};
  const auto daemon = here.start();
  ASSERT_TRUE(manager.hears("STATUS=no canaries, API not asked yet"));
  here.drop("job", "2.1.0", {{"validation_duration", "1h"}});
  EXPECT_TRUE(manager.hears("STATUS=1 canary, API ok")) << daemon->output();
}

TEST(service, a_reload_is_announced_and_ended_whatever_comes_of_it) {
  installation here;
  service_manager manager{60s};
  const auto daemon = here.start();
  ASSERT_TRUE(manager.hears("READY=1"));
  write_file(here.config_file(), "this is no configuration");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(manager.hears("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(eventually([&] { return manager.count("READY=1") == 2; }));
  EXPECT_TRUE(daemon->says("reload refused, going on as before"));
}

TEST(service, the_end_is_announced) {
  const installation here;
  service_manager manager{60s};
  const auto daemon = here.start();
  ASSERT_TRUE(manager.hears("READY=1"));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(), 0);
  EXPECT_TRUE(manager.hears("STOPPING=1"));
}

TEST(service, the_watchdog_is_fed_as_long_as_the_loop_runs_and_no_longer) {
  const installation here;
  service_manager manager{400ms};
  const auto daemon = here.start();
  EXPECT_TRUE(eventually([&] { return manager.count("WATCHDOG=1") >= 5; }));
  daemon->signal(SIGSTOP);
  // Messages that were under way have arrived by now.
  ::usleep(300'000);
  const auto fed = manager.count("WATCHDOG=1");
  ::usleep(500'000);
  EXPECT_EQ(manager.count("WATCHDOG=1"), fed);
  daemon->signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return manager.count("WATCHDOG=1") > fed; }));
}

}  // namespace
}  // namespace canaryd::loopback
