// A daemon whose log nobody reads (reference: "Log lines").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processes.hpp"
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace canaryd::loopback {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace json = boost::json;

// A full pipe that serves as the daemon's standard error.
class full_pipe {
 public:
  explicit full_pipe(const fs::path& place) {
    EXPECT_EQ(::mkfifo(place.c_str(), 0600), 0) << errno;
    descriptor_ = ::open(place.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    std::array<char, 4096> filling{};
    while (::write(descriptor_, filling.data(), filling.size()) > 0) {
    }
    EXPECT_EQ(errno, EAGAIN);
  }
  ~full_pipe() { ::close(descriptor_); }
  full_pipe(const full_pipe&) = delete;
  full_pipe& operator=(const full_pipe&) = delete;

  // Reads until that text has arrived.
  bool says(const std::string& text) {
    return eventually([&] {
      std::array<char, 65536> space{};
      const auto size = ::read(descriptor_, space.data(), space.size());
      if (size > 0)
        read_.append(space.data(), static_cast<std::size_t>(size));
      return read_.contains(text);
    });
  }

 private:
  int descriptor_ = -1;
  std::string read_;
};

const json::object at_debug{{"log", json::object{{"level", "debug"}, {"target", "stderr"}}}};

void rolls_back_and_stops(installation& here) {
  const auto daemon = here.start();
  ASSERT_TRUE(eventually([&] { return fs::exists(here.file("jobs/incoming")); }));
  here.drop("bad", "2.2.0-bad", {{"validation_interval", "200ms"}});
  EXPECT_EQ(here.result_of("bad").at("status"), "rolled_back");
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(5s), 0);
}

TEST(unread_log, a_breach_is_rolled_back_and_the_daemon_stops_where_standard_error_is_full) {
  installation here;
  here.configure({}, at_debug);
  full_pipe nobody{here.file("canaryd.log")};
  rolls_back_and_stops(here);
}

TEST(unread_log, whoever_begins_to_read_reads_everything) {
  installation here;
  here.configure({}, at_debug);
  full_pipe somebody{here.file("canaryd.log")};
  const auto daemon = here.start();
  ASSERT_TRUE(eventually([&] { return fs::exists(here.file("jobs/incoming")); }));
  here.drop("good", "2.1.0", {{"validation_interval", "200ms"}});
  EXPECT_EQ(here.result_of("good").at("status"), "promoted_to_stable");
  daemon->signal(SIGHUP);
  EXPECT_TRUE(somebody.says("canaryd is ready"));
  EXPECT_TRUE(somebody.says("configuration reloaded"));
  daemon->signal(SIGTERM);
  EXPECT_TRUE(somebody.says("stopped"));
  EXPECT_EQ(daemon->wait(5s), 0);
}

TEST(unread_log, a_daemon_that_cannot_start_ends_where_nobody_reads_why) {
  installation here;
  const auto first = here.start();
  ASSERT_TRUE(first->says("canaryd is ready"));
  const full_pipe nobody{here.file("second.log")};
  process second{"canaryd", {"--config", here.config_file()}, here.file("second.log")};
  EXPECT_EQ(second.wait(5s), 75);
}

// A journal socket that nobody reads.
class silent_journal {
 public:
  silent_journal() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    std::error_code problem;
    fs::create_directories(path.parent_path(), problem);
    is_there_ = ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    if (!is_there_)
      return;
    const int sender = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    while (::sendto(sender, "x", 1, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&address),
                    sizeof(address)) == 1) {
    }
    ::close(sender);
  }
  ~silent_journal() {
    ::close(socket_);
    if (is_there_)
      ::unlink(path.c_str());
  }
  silent_journal(const silent_journal&) = delete;
  silent_journal& operator=(const silent_journal&) = delete;

  bool is_there() const { return is_there_; }

 private:
  const fs::path path{"/run/systemd/journal/socket"};
  int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool is_there_ = false;
};

TEST(unread_log, a_breach_is_rolled_back_and_the_daemon_stops_where_the_journal_is_full) {
  const silent_journal nobody;
  if (!nobody.is_there())
    GTEST_SKIP() << "needs to be root on a machine without a journal";
  installation here;
  here.configure({}, {{"log", json::object{{"level", "debug"}, {"target", "journal"}}}});
  rolls_back_and_stops(here);
}

}  // namespace
}  // namespace canaryd::loopback
