// Checks what the daemon's memory still holds of a secret after its use. The secret itself is
// there, in one place that wipes itself. The tests look for the texts that it was sent in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processes.hpp"
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace canaryd::loopback {
namespace {

// Counts how often the text is in the writable memory of the process.
std::size_t occurrences(const process& of, const std::string& text) {
  const auto proc = "/proc/" + std::to_string(of.id());
  const int memory = ::open((proc + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_GE(memory, 0);
  std::size_t found = 0;
  std::ifstream maps{proc + "/maps"};
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields{line};
    std::size_t begin = 0;
    std::size_t end = 0;
    char dash = 0;
    std::string rights;
    fields >> std::hex >> begin >> dash >> end >> rights;
    // Sanitizers reserve terabytes, which would take too long.
    if (!rights.starts_with("rw") || end - begin > (1UZ << 27))
      continue;
    std::string bytes(end - begin, '\0');
    const auto got = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(begin));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1))
      ++found;
  }
  ::close(memory);
  return found;
}

TEST(secrets, nothing_that_was_sent_or_received_stays_in_memory) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root may look into another process's memory";
  // Many servers have tokens of this length, which exceeds a buffer's first size.
  const installation here{{"--token-bytes", "3000"}};
  const auto daemon = here.start();
  ASSERT_TRUE(daemon->says("canaryd is ready"));
  here.drop("job", "2.1.0",
            {{"webhook_url", "https://ci-cd.example.com/hooks/canary"},
             {"validation_interval", "100ms"},
             {"validation_duration", "4s"}});
  ASSERT_EQ(here.result_of("job").at("status"), "promoted_to_stable");
  EXPECT_GE(occurrences(*daemon, "demo-secret"), 1) << "memory was not read";
  EXPECT_EQ(occurrences(*daemon, "client_secret=demo-secret"), 0);
  EXPECT_EQ(occurrences(*daemon, "Bearer simulated-token"), 0);
  EXPECT_EQ(occurrences(*daemon, R"("access_token":"simulated-token)"), 0);
  EXPECT_EQ(occurrences(*daemon, R"("secret":"demo-webhook-secret)"), 0);
  // When all records are delivered, only the place that holds the token has it, and no piece of a
  // token is anywhere else.
  EXPECT_TRUE(eventually([&] {
    return here.undelivered_records() == 0 && occurrences(*daemon, "simulated-token-") == 1;
  })) << occurrences(*daemon, "simulated-token-");
  EXPECT_LE(occurrences(*daemon, std::string(1000, '0')), 2000) << "where one copy has 1962";
}

}  // namespace
}  // namespace canaryd::loopback
