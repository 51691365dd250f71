#include "canaryd/daemon/config/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace canaryd::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class secrets_test : public testing::Test {
 protected:
  secrets_test() {
    std::filesystem::create_directories(folder);
    from.api().client_id = "canaryd";
    from.api().client_secret_file = write("client_secret", "s3cret\n");
  }
  ~secrets_test() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, std::string_view content, mode_t mode = 0600) const {
    const auto path = folder / name;
    std::ofstream{path, std::ios::binary} << content;
    ::chmod(path.c_str(), mode);
    return path;
  }

  std::string error_with(std::string_view content) {
    from.api().client_secret_file = write("other", content);
    const auto loaded = load_secrets(from);
    return loaded ? "" : loaded.error().text;
  }

  const std::filesystem::path folder =
      std::filesystem::path{testing::TempDir()} / ("canaryd_secrets_" + std::to_string(::getpid()));
  config from;
};

TEST_F(secrets_test, are_read_without_the_newline_at_their_end) {
  from.api().webhook_secret_file = write("webhook_secret", "no newline ");
  const auto loaded = load_secrets(from);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->platforms.at("default").client_id, "canaryd");
  EXPECT_EQ(loaded->platforms.at("default").client_secret.reveal(), "s3cret");
  ASSERT_TRUE(loaded->platforms.at("default").webhook_secret);
  EXPECT_EQ(loaded->platforms.at("default").webhook_secret->reveal(), "no newline ");
  EXPECT_TRUE(loaded->warnings.empty());
}

TEST_F(secrets_test, the_client_id_may_be_in_a_file) {
  from.api().client_id.clear();
  from.api().client_id_file = write("id", "from-file\n", 0644);
  const auto loaded = load_secrets(from);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->platforms.at("default").client_id, "from-file");
  EXPECT_TRUE(loaded->warnings.empty());
}

TEST_F(secrets_test, only_an_unnamed_webhook_secret_may_be_missing) {
  from.api().webhook_secret_file = folder / "missing";
  from.api().webhook_secret_is_optional = true;
  const auto loaded = load_secrets(from);
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->platforms.at("default").webhook_secret);

  from.api().webhook_secret_is_optional = false;
  const auto named = load_secrets(from);
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().kind, fault::system);
  EXPECT_EQ(named.error().text, (folder / "missing").string() +
                                    ": No such file or directory (api.webhook_secret_file)");

  from.api().webhook_secret_file.clear();
  EXPECT_FALSE(load_secrets(from)->platforms.at("default").webhook_secret);
}

TEST_F(secrets_test, a_file_that_everybody_may_read_is_warned_of) {
  from.api().client_secret_file = write("open", "s3cret", 0644);
  const auto loaded = load_secrets(from);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->warnings, ElementsAre(HasSubstr((folder / "open").string())));
}

TEST_F(secrets_test, content_that_is_no_secret_is_refused_and_not_shown) {
  EXPECT_THAT(error_with(""), HasSubstr("empty"));
  EXPECT_THAT(error_with("\n"), HasSubstr("empty"));
  EXPECT_THAT(error_with("a\n\n"), HasSubstr("control character"));
  EXPECT_THAT(error_with("hunter\r\n2"), HasSubstr("control character"));
  EXPECT_THAT(error_with(std::string_view{"a\0b", 3}), HasSubstr("control character"));
  EXPECT_EQ(error_with(std::string(64UZ * 1024, 'x')), "");
  EXPECT_THAT(error_with(std::string(64UZ * 1024 + 2, 'x')), HasSubstr("64 KiB"));
  EXPECT_THAT(error_with("hunter\r\n2"), Not(HasSubstr("hunter")));
}

TEST_F(secrets_test, what_is_not_a_regular_file_is_refused_without_waiting) {
  const auto fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const auto& path : {fifo, folder, std::filesystem::path{"/dev/null"}}) {
    from.api().client_secret_file = path;
    const auto loaded = load_secrets(from);
    ASSERT_FALSE(loaded) << path;
    EXPECT_THAT(loaded.error().text, HasSubstr("not a regular file"));
  }
}

// The text names the file that an operator must make, not the copy that systemd hands over.
TEST_F(secrets_test, a_missing_credential_is_named_as_the_file_to_make) {
  const credential_sources places{.directory = folder / "run", .store = "/etc/credstore"};
  from.api().client_id_file = folder / "run" / "client_id";
  from.api().client_secret_file = folder / "run" / "client_secret";
  from.api().webhook_secret_file = folder / "run" / "webhook_secret";
  from.api().webhook_secret_is_optional = true;
  const auto loaded = load_secrets(from, places);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().text,
              testing::AllOf(testing::StartsWith("/etc/credstore/canaryd.client_id: missing"),
                             HasSubstr("/etc/credstore/canaryd.client_secret: missing"),
                             Not(HasSubstr("webhook")), Not(HasSubstr((folder / "run").string()))));
}

TEST_F(secrets_test, a_missing_credential_of_a_further_platform_is_named_with_its_drop_in) {
  const credential_sources sources{.directory = folder / "run", .store = "/etc/credstore"};
  from.platforms["eu"] = from.api();
  from.platforms["eu"].client_secret_file = folder / "run" / "eu.client_secret";
  const auto loaded = load_secrets(from, sources);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().text,
              HasSubstr("LoadCredential=eu.client_secret:canaryd.eu.client_secret"));
}

TEST_F(secrets_test,
       a_check_outside_of_the_service_finds_its_credentials_or_says_what_it_left_out) {
  std::filesystem::create_directories(folder / "store");
  const credential_sources places{
      .directory = folder / "run", .store = folder / "store", .required = false};
  from.api().client_id_file = folder / "run" / "client_id";
  from.api().client_secret_file = folder / "run" / "client_secret";
  from.api().webhook_secret_file = folder / "run" / "webhook_secret";
  from.api().webhook_secret_is_optional = true;
  auto loaded = load_secrets(from, places);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_THAT(loaded->unchecked, ElementsAre(HasSubstr("client_id"), HasSubstr("client_secret")));

  write("store/canaryd.client_id", "stored");
  write("store/canaryd.client_secret", "s3cret");
  write("store/canaryd.webhook_secret", "");
  loaded = load_secrets(from, places);
  ASSERT_FALSE(loaded) << "what is there is checked";
  EXPECT_THAT(loaded.error().text, HasSubstr("canaryd.webhook_secret: it is empty"));
  write("store/canaryd.webhook_secret", "hook");
  loaded = load_secrets(from, places);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->platforms.at("default").client_id, "stored");
  EXPECT_THAT(loaded->unchecked, testing::IsEmpty());

  std::filesystem::create_directories(folder / "run");
  write("run/client_id", "running");
  EXPECT_EQ(load_secrets(from, places)->platforms.at("default").client_id, "running");
}

TEST_F(secrets_test, a_check_outside_of_the_service_still_wants_the_files_that_are_named) {
  from.api().client_secret_file = folder / "named";
  EXPECT_FALSE(load_secrets(from, {.directory = folder / "run", .required = false}));
}

TEST_F(secrets_test, links_are_followed) {
  const auto link = folder / "link";
  std::filesystem::create_symlink(from.api().client_secret_file, link);
  from.api().client_secret_file = link;
  EXPECT_EQ(load_secrets(from)->platforms.at("default").client_secret.reveal(), "s3cret");
}

}  // namespace
}  // namespace canaryd::daemon
