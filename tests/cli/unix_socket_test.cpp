// Why there is no daemon to talk to, in words that help.
#include "canaryd/cli/unix_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_daemon.hpp"
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::cli {
namespace {

using testing::HasSubstr;

constexpr uid_t nobody = 65534;

std::string failure_at(const std::string& path) {
  const auto made = unix_socket::connect(path);
  EXPECT_FALSE(made.has_value());
  if (!made) {
    EXPECT_EQ(made.error().kind, fault::unreachable);
    return made.error().text;
  }
  return "";
}

TEST(unix_socket, a_socket_that_is_not_there_asks_for_the_service) {
  EXPECT_EQ(
      failure_at("/nowhere/control.sock"),
      "no daemon at /nowhere/control.sock: is canaryd.service running? If its socket is elsewhere, "
      "name it with --socket or CANARYD_SOCKET");
}

TEST(unix_socket, a_socket_that_a_dead_daemon_left_does_so_too) {
  scripted_daemon daemon;
  daemon.stop_and_leave_the_socket();
  EXPECT_THAT(failure_at(daemon.socket_path()), HasSubstr("is canaryd.service running?"));
}

TEST(unix_socket, who_may_not_is_told_of_the_group) {
  const scripted_daemon daemon;
  chmod(daemon.socket_path().c_str(), 0);
  // Nothing is forbidden to root.
  const bool root = geteuid() == 0;
  if (root)
    ASSERT_EQ(seteuid(nobody), 0);
  const auto text = failure_at(daemon.socket_path());
  if (root)
    ASSERT_EQ(seteuid(0), 0);
  EXPECT_THAT(text, HasSubstr("you are not in group canary-operators"));
}

TEST(unix_socket, a_path_that_is_none_is_refused) {
  failure_at("");
  failure_at("/" + std::string(200, 'x'));
}

TEST(unix_socket, a_daemon_that_hangs_is_waited_for_no_longer_than_asked) {
  const scripted_daemon daemon;
  auto made = unix_socket::connect(daemon.socket_path());
  ASSERT_TRUE(made.has_value());
  const auto got = made->receive(std::chrono::steady_clock::now() + std::chrono::milliseconds{50});
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().kind, fault::lost);
  EXPECT_EQ(got.error().text,
            "the daemon does not answer: see `systemctl status canaryd` and the journal");
}

}  // namespace
}  // namespace canaryd::cli
