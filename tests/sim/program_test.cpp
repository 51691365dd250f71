#include "canaryd/sim/program.hpp"

#include "canaryd/sim/cert_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace canaryd::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class program : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(directory); }

  unsigned mode_of(const std::string& name) const {
    struct stat found{};
    return stat((directory + "/" + name).c_str(), &found) == 0 ? found.st_mode & 0777U : 0U;
  }

  std::string directory = testing::TempDir() + "canaryd_program_" + std::to_string(getpid());
};

TEST_F(program, it_runs_until_a_signal_and_says_where_it_listens) {
  program_options options;
  options.port = 0;
  options.cert_dir = directory;
  options.port_file = directory + "/port";
  int code = -1;
  testing::internal::CaptureStdout();
  std::thread running{[&] { code = run_program(options); }};
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!std::filesystem::exists(options.port_file) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(5ms);
  kill(getpid(), SIGTERM);
  running.join();
  const auto said = testing::internal::GetCapturedStdout();
  EXPECT_EQ(code, 0);
  auto port = read_text_file(options.port_file, 10).value();
  port.pop_back();
  EXPECT_THAT(said, HasSubstr("listening on https://127.0.0.1:" + port));
  EXPECT_THAT(said, HasSubstr("\"base_url\": \"https://127.0.0.1:" + port + "/api/v1\""));
  EXPECT_THAT(said, HasSubstr("\"ca_file\": \"" + directory + "/ca.pem\""));
}

TEST_F(program, client_files_are_written_once_and_secrets_are_private) {
  const auto first = prepare_client_files(directory, "hush");
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(mode_of("key.pem"), 0600U);
  EXPECT_EQ(mode_of("client_secret"), 0600U);
  EXPECT_EQ(mode_of("webhook_secret"), 0600U);
  EXPECT_EQ(read_text_file(first->client_secret_file(), 10), "hush\n");
  const auto second = prepare_client_files(directory, "hush");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->tls.ca_pem, first->tls.ca_pem);
  std::filesystem::remove(directory + "/cert.pem");
  EXPECT_NE(prepare_client_files(directory, "hush")->tls.ca_pem, first->tls.ca_pem);
}

TEST_F(program, a_directory_that_cannot_be_made_is_an_error) {
  const auto files = prepare_client_files("/proc/nowhere", "hush");
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().text, HasSubstr("/proc/nowhere"));
}

TEST_F(program, files_have_a_limit) {
  ASSERT_TRUE(write_text_file("/dev/null", "", 0600));
  std::filesystem::create_directories(directory);
  ASSERT_TRUE(write_text_file(directory + "/text", "12345", 0600));
  EXPECT_EQ(read_text_file(directory + "/text", 5), "12345");
  EXPECT_THAT(read_text_file(directory + "/text", 4).error().text, HasSubstr("too large"));
  EXPECT_FALSE(read_text_file(directory + "/none", 4));
}

}  // namespace
}  // namespace canaryd::sim
