// Which configuration a start uses if its file is refused.
#include "canaryd/daemon/accepted_config.hpp"

#include "canaryd/daemon/config/config_health.hpp"
#include "canaryd/daemon/starting.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/stat.h>

namespace canaryd::daemon {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::SizeIs;
using testing::StartsWith;

const wall_time noon = wall_time{std::chrono::seconds{1'772'366'400}};

class accepted_config_test : public testing::Test {
 protected:
  accepted_config_test() {
    fs::create_directories(state());
    write("secret", "s3cret");
  }
  ~accepted_config_test() override { fs::remove_all(folder); }

  fs::path state() const { return folder / "state"; }
  std::string file() const { return folder / "canaryd.json"; }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream{folder / name, std::ios::binary} << text;
  }
  std::string write_part(const std::string& name, std::string_view text) const {
    fs::create_directories(file() + ".d");
    write("canaryd.json.d/" + name, text);
    return file() + ".d/" + name;
  }
  // A whole configuration with more keys at its end.
  std::string text(std::string_view more = "") const {
    return fmt::format(R"({{"api": {{"client_id": "canaryd", "client_secret_file": "{}/secret"}},
        "state_dir": "{}"{}}})",
                       folder.native(), state().native(), more);
  }
  auto start() const { return load_for_start(file(), {}); }

  const fs::path folder = [] {
    auto pattern = (fs::path{testing::TempDir()} / "canaryd_accepted_XXXXXX").string();
    return fs::path{::mkdtemp(pattern.data())};
  }();
};

TEST_F(accepted_config_test, is_kept_for_the_daemon_alone_and_found_again) {
  ASSERT_TRUE(keep_accepted(state(), file(), "{}\n\"\\", noon));
  struct stat about{};
  ASSERT_EQ(::stat((state() / "accepted-config.json").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  const auto found = find_accepted({folder / "nowhere", state()}, file());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text, "{}\n\"\\");
  EXPECT_EQ(found->at, noon);
}

TEST_F(accepted_config_test, of_another_file_is_not_taken) {
  ASSERT_TRUE(keep_accepted(state(), "/etc/canaryd/other.json", "{}", noon));
  EXPECT_FALSE(find_accepted({state()}, file()));
}

TEST_F(accepted_config_test, that_cannot_be_read_is_none) {
  for (const auto* broken : {"", "{", "[]", R"({"file": 1})", R"({"file": "x", "text": "{}"})"}) {
    write("state/accepted-config.json", broken);
    EXPECT_FALSE(find_accepted({state()}, file())) << broken;
  }
}

TEST_F(accepted_config_test, is_looked_for_where_a_broken_text_says) {
  const auto first_of = [](std::string_view text) { return likely_state_dirs(text).front(); };
  EXPECT_EQ(first_of(R"(  "state_dir" : "/a/b", } garbage)"), "/a/b");
  EXPECT_EQ(first_of(R"({"state_dir": 3})"), "/var/lib/canaryd");
  EXPECT_EQ(first_of(R"({"state_dir": "relative"})"), "/var/lib/canaryd");
  EXPECT_EQ(first_of(R"({"state_dir": "/cut)"), "/var/lib/canaryd");
  EXPECT_EQ(first_of(R"("state_dir")"), "/var/lib/canaryd");
  EXPECT_EQ(first_of(R"(// "state_dir" is below
    "state_dir": "/a/b")"),
            "/a/b");
  ASSERT_EQ(::setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1), 0);
  EXPECT_THAT(likely_state_dirs("{}"), ElementsAre("/var/lib/one", "/var/lib/canaryd"));
  ::unsetenv("STATE_DIRECTORY");
}

TEST_F(accepted_config_test, a_start_goes_by_the_file_where_that_is_fine) {
  ASSERT_TRUE(keep_accepted(state(), file(), text(R"(, "retention": "1d")"), noon));
  write("canaryd.json", text());
  const auto started = start();
  ASSERT_TRUE(started);
  EXPECT_THAT(started->refused, SizeIs(0));
  EXPECT_EQ(started->given.text, text());
}

TEST_F(accepted_config_test, a_start_whose_file_is_refused_goes_on_with_what_was_accepted) {
  ASSERT_TRUE(keep_accepted(state(), file(), text(R"(, "retention": "1d")"), noon));
  write("canaryd.json", text(R"(, "limtis": {}, "retention": "2d")"));
  const auto started = start();
  ASSERT_TRUE(started);
  EXPECT_THAT(started->refused, ElementsAre(HasSubstr("/limtis: unknown key")));
  EXPECT_EQ(started->accepted_at, noon);
  EXPECT_EQ(started->given.settings.retention, std::chrono::hours{24});
}

// This happens after a downgrade: the file has not changed, but the program knows one key less.
TEST_F(accepted_config_test, a_key_that_only_another_version_knows_is_left_out) {
  write("canaryd.json", text(R"(, "retention": "2d", "limits": {"of_the_future": 1})"));
  ASSERT_TRUE(keep_accepted(state(), file(),
                            text(R"(, "retention": "2d", "limits": {"of_the_future": 1})"), noon));
  const auto started = start();
  ASSERT_TRUE(started) << started.error().front();
  EXPECT_THAT(started->refused, ElementsAre(HasSubstr("/limits/of_the_future: unknown key")));
  EXPECT_EQ(started->given.settings.retention, std::chrono::hours{48});
}

TEST_F(accepted_config_test, the_first_start_with_a_refused_file_is_refused) {
  write("canaryd.json", text(R"(, "limtis": {})"));
  const auto started = start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error(), ElementsAre(HasSubstr("/limtis: unknown key")));
}

TEST_F(accepted_config_test, a_secret_that_is_gone_is_gone_for_the_accepted_one_too) {
  ASSERT_TRUE(keep_accepted(state(), file(), text(), noon));
  write("canaryd.json", text());
  fs::remove(folder / "secret");
  ASSERT_FALSE(start());
  EXPECT_THAT(start().error(), ElementsAre(HasSubstr("/secret: No such file")));
  write("canaryd.json", text(R"(, "limtis": {})"));
  ASSERT_FALSE(start());
  EXPECT_THAT(start().error(), ElementsAre(HasSubstr("/limtis"), HasSubstr("refused as well")));
}

TEST_F(accepted_config_test, a_ca_file_that_is_not_there_is_refused_with_all_else) {
  write("canaryd.json", fmt::format(R"({{"api": {{"client_id": "x", "ca_file": "{0}/none.pem",
      "client_secret_file": "{0}/none"}}}})",
                                    folder.native()));
  const auto loaded = load_config(file(), {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), ElementsAre(HasSubstr("/none: No such"), HasSubstr("none.pem")));
}

TEST_F(accepted_config_test, the_parts_of_a_split_configuration_are_one_configuration) {
  write("canaryd.json", text(R"(, "log": {"level": "error"})"));
  write_part("eu.json", fmt::format(R"({{"platforms": {{"eu": {{"driver": "deployments",
      "client_id": "eu", "client_secret_file": "{}/secret"}}}}}})",
                                    folder.native()));
  write_part("log.json", R"({"log": {"target": "stderr"}})");
  const auto loaded = load_config(file(), {});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_THAT(loaded->settings.platforms,
              ElementsAre(Key(job::default_platform), Key(std::string{"eu"})));
  EXPECT_EQ(loaded->settings.log, (log_config{.level = "error", .target = "stderr"}));
  EXPECT_THAT(loaded->keys.platforms, SizeIs(2));
}

TEST_F(accepted_config_test, a_problem_of_a_part_names_its_file) {
  write("canaryd.json", text(R"(, "log": {"level": "error"})"));
  const auto early = write_part("early.json", "{\n \"log\": {\"target\": \"paper\"}}");
  const auto late = write_part("late.json", R"({"log": {"level": "info"}, "limtis": {}})");
  const auto loaded = load_config(file(), {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(),
              ElementsAre(StartsWith(early + ":2:20: /log/target: found \"paper\""),
                          AllOf(StartsWith(late + ":1:19: /log/level: " + file() + ":2:"),
                                HasSubstr("has this key too")),
                          StartsWith(late + ":1:38: /limtis: unknown key")));
}

TEST_F(accepted_config_test, a_part_that_cannot_be_read_is_a_problem) {
  write("canaryd.json", text());
  fs::create_directories(file() + ".d/folder.json");
  const auto loaded = load_config(file(), {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), ElementsAre(file() + ".d/folder.json: not a regular file"));
}

TEST_F(accepted_config_test, what_is_kept_of_a_split_configuration_is_all_of_it) {
  write("canaryd.json", text());
  write_part("retention.json", R"({"retention": "2d"} // as the auditors want it)");
  const auto before = start();
  ASSERT_TRUE(before) << before.error().front();
  ASSERT_TRUE(keep_accepted(state(), file(), before->given.text, noon));
  write_part("more.json", R"({"retention": "1d"})");
  const auto started = start();
  ASSERT_TRUE(started) << started.error().front();
  EXPECT_THAT(started->refused,
              ElementsAre(AllOf(HasSubstr("more.json"), HasSubstr("retention.json"))));
  EXPECT_EQ(started->accepted_at, noon);
  EXPECT_EQ(started->given.settings, before->given.settings);
  EXPECT_EQ(started->given.settings.retention, std::chrono::hours{48});
}

TEST_F(accepted_config_test, a_start_finds_the_state_where_a_part_says) {
  write("canaryd.json", fmt::format(R"({{"api": {{"client_id": "canaryd",
      "client_secret_file": "{}/secret"}}}})",
                                    folder.native()));
  write_part("state.json", fmt::format(R"({{"state_dir": "{}"}})", state().native()));
  const auto before = start();
  ASSERT_TRUE(before) << before.error().front();
  ASSERT_TRUE(keep_accepted(state(), file(), before->given.text, noon));
  write("canaryd.json", "{");
  const auto started = start();
  ASSERT_TRUE(started) << started.error().front();
  EXPECT_EQ(started->given.settings.state_dir, state());
}

TEST_F(accepted_config_test, a_split_configuration_that_was_accepted_is_not_told_of_twice) {
  write("canaryd.json", text());
  write_part("retention.json", R"({"retention": "2d"})");
  ASSERT_TRUE(keep_accepted(state(), file(), start()->given.text, noon));
  fs::remove(folder / "secret");
  ASSERT_FALSE(start());
  EXPECT_THAT(start().error(), ElementsAre(HasSubstr("/secret: No such file")));
}

TEST(config_health, tells_of_a_refused_file_until_one_is_accepted) {
  config_health health{noon};
  EXPECT_EQ(health.text(), "");
  health.refused({"canaryd.json:1:2: wrong", "more"});
  EXPECT_TRUE(health.is_refused());
  EXPECT_EQ(health.text(),
            "the configuration file is refused, and the one accepted at "
            "2026-03-01T12:00:00.000Z stays in force: "
            "canaryd.json:1:2: wrong (and 1 more)");
  EXPECT_EQ(health.view().at("problems").as_array().size(), 2);
  health.accepted(noon + std::chrono::seconds{1}, {"jobs_dir"});
  EXPECT_EQ(health.text(), "");
  EXPECT_EQ(health.accepted_at(), noon + std::chrono::seconds{1});
  EXPECT_EQ(health.view().at("needs_restart").as_array().size(), 1);
}

}  // namespace
}  // namespace canaryd::daemon
