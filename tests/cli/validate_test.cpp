// Job files looked at without a daemon.
#include "canaryd/cli/validate.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "canaryctl_run.hpp"
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view good = R"({
  "bot_id": "b", "environment_id": "e", "version": "1",
  "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10
})";

class validate_command : public testing::Test {
 protected:
  validate_command() {
    std::string pattern = std::filesystem::temp_directory_path() / "canaryctl-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~validate_command() override { std::filesystem::remove_all(folder); }

  std::string file(const std::string& name, std::string_view text) {
    const auto path = folder / name;
    std::ofstream{path} << text;
    return path;
  }

  // A file whose only flaw is a value on line 2.
  std::string bad_file() {
    return file("bad.json", R"({
  "failure_limit": 0, "bot_id": "b", "environment_id": "e", "version": "1",
  "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10 })");
  }
  std::string odd_file() {
    return file("odd.json", R"({
  "max_extension": 0, "bot_id": "b", "environment_id": "e", "version": "1",
  "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10 })");
  }

  std::filesystem::path folder;
};

TEST_F(validate_command, a_pipe_that_nobody_writes_to_is_not_waited_for) {
  const auto pipe = folder / "pipe.json";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto done = run_canaryctl({"validate", pipe});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err + done.out, HasSubstr("not a regular file"));
}

TEST_F(validate_command, a_good_file_is_not_worth_a_word) {
  const auto done = run_canaryctl({"validate", file("good.json", good)});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out + done.err, IsEmpty());
}

TEST_F(validate_command, a_problem_is_a_line_with_its_place) {
  const auto bad = bad_file();
  const auto done = run_canaryctl({"validate", file("good.json", good), bad});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.out, StartsWith(bad + ":2:20: /failure_limit: found 0, allowed"));
}

TEST_F(validate_command, an_odd_value_is_a_warning_and_with_strict_a_failure) {
  const auto odd = odd_file();
  const auto done = run_canaryctl({"validate", odd});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, StartsWith(odd + ":2:20: warning: /max_extension: 0 leaves no time"));
  EXPECT_EQ(run_canaryctl({"validate", "--strict", odd}).exit_code, 2);
}

TEST_F(validate_command, a_file_that_cannot_be_read_has_a_line_too) {
  const auto none = (folder / "none.json").string();
  const auto done = run_canaryctl({"validate", none});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.out, none + ":1:1: No such file or directory\n");
}

// As of `canaryctl validate incoming/*`.
TEST_F(validate_command, a_file_name_reaches_a_terminal_only_in_printable_form) {
  for (const auto& named : {file("a\x1b[31m.json", "{"), (folder / "gone\u202e.json").string()}) {
    const auto done = run_canaryctl({"validate", named});
    EXPECT_EQ(done.out.find_first_of("\x1b\xe2"), std::string::npos) << named;
    EXPECT_EQ(done.err.find_first_of("\x1b\xe2"), std::string::npos) << named;
  }
}

TEST_F(validate_command, a_name_that_the_daemon_rejects_is_a_problem) {
  EXPECT_EQ(run_canaryctl({"validate", file("good.txt", good)}).exit_code, 2);
}

TEST_F(validate_command, json_has_problems_and_warnings_of_each_file) {
  const auto done = run_canaryctl({"--json", "validate", bad_file(), odd_file()});
  EXPECT_EQ(done.exit_code, 2);
  const auto files = boost::json::parse(done.out).at("files").as_array();
  ASSERT_EQ(files.size(), 2);
  EXPECT_EQ(files[0].at("valid"), false);
  EXPECT_EQ(files[0].at("errors").at(0).at("line"), 2);
  EXPECT_EQ(files[1].at("valid"), true);
  EXPECT_EQ(files[1].at("warnings").at(0).at("pointer"), "/max_extension");
}

TEST_F(validate_command, limits_and_defaults_of_a_configuration_count) {
  const auto slow = file("canaryd.json", R"({"limits": {"min_interval": "2m"}})");
  const auto done = run_canaryctl({"validate", "--config", slow, file("good.json", good)});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.out, HasSubstr("shorter than the 2m allowed"));
}

TEST_F(validate_command, further_parts_of_a_configuration_count) {
  const auto config = file("canaryd.json", R"({"limits": {"max_stretch": 2}})");
  std::filesystem::create_directory(config + ".d");
  file("canaryd.json.d/slow.json", R"({"limits": {"min_interval": "2m"}})");
  const auto done = run_canaryctl({"validate", "--config", config, file("good.json", good)});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.out, HasSubstr("shorter than the 2m allowed"));
  const auto again = file("canaryd.json.d/twice.json", R"({"limits": {"min_interval": "1m"}})");
  const auto refused = run_canaryctl({"validate", "--config", config, file("good.json", good)});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, testing::AllOf(HasSubstr("slow.json"), HasSubstr(again)));
}

TEST_F(validate_command, the_unit_of_the_window_comes_from_the_configuration) {
  const auto job = file("job.json", R"({
  "bot_id": "b", "environment_id": "e", "version": "1", "max_traffic_percentage": 10,
  "traffic_matrix": {"stable": 95, "canary": 5},
  "validation_interval": 90, "analysis": {"method": "sequential"} })");
  const auto in_minutes = file("canaryd.json", "{}");
  const auto done = run_canaryctl({"validate", "--config", in_minutes, job});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.out, HasSubstr("api.window_unit"));
  const auto in_seconds = file("canaryd.json", R"({"api": {"window_unit": "s"}})");
  EXPECT_EQ(run_canaryctl({"validate", "--config", in_seconds, job}).exit_code, 0);
}

TEST_F(validate_command, a_configuration_that_is_named_must_be_right) {
  const auto wrong = file("canaryd.json", R"({"defaults": {"bot_id": "b"}})");
  EXPECT_EQ(run_canaryctl({"validate", "--config", wrong, file("good.json", good)}).exit_code, 2);
  EXPECT_EQ(run_canaryctl({"validate", "--config", "/none", file("good.json", good)}).exit_code, 2);
}

TEST_F(validate_command, files_that_together_poll_too_much_are_warned_of_once) {
  const auto small =
      file("canaryd.json", R"({"api": {"rate_limit": {"requests": 9, "per": "5m"}}})");
  const auto done = run_canaryctl({"validate", "--config", small, file("a.json", good),
                                   file("b.json", good), file("c.json", good)});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, StartsWith((folder / "b.json").string() +
                                   ":1:1: warning: /validation_interval: together with the files "
                                   "before it, this asks for 10 polls in 5m"));
  EXPECT_EQ(std::ranges::count(done.out, '\n'), 1);
}

TEST(site_settings, unknown_parts_of_a_configuration_are_not_looked_at) {
  const auto read = parse_site_settings(
      {{"canaryd.json", R"({"future": 1, "api": {"rate_limit": {"requests": 7}}})"}});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->budget.requests, 7);
}

TEST_F(validate_command, each_platform_of_a_configuration_counts_for_its_own_jobs) {
  const auto two = file("canaryd.json", R"({"api": {},
  "platforms": {"eu": {"driver": "deployments", "rate_limit": {"requests": 1}}}})");
  const std::string body = std::string{good}.substr(std::string_view{good}.find('{') + 1);
  const auto here = file("here.json", R"({"platform": "default", )" + body);
  const auto there = file("there.json", R"({"platform": "eu", )" + body);
  const auto nowhere = file("nowhere.json", R"({"platform": "us", )" + body);
  EXPECT_EQ(run_canaryctl({"validate", "--config", two, here}).exit_code, 0);
  const auto done = run_canaryctl({"validate", "--config", two, here, there});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, HasSubstr("the rate budget (platforms.eu.rate_limit) has only 1"));
  EXPECT_EQ(std::ranges::count(done.out, '\n'), 1);
  const auto wrong = run_canaryctl({"validate", "--config", two, nowhere});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.out, HasSubstr("there is no platform us"));
  const auto unnamed = run_canaryctl({"validate", "--config", two, file("good.json", good)});
  EXPECT_THAT(unnamed.out, HasSubstr("required if there are several platforms"));
}

TEST(site_settings, platforms_have_units_and_budgets_of_their_own) {
  const auto read =
      parse_site_settings({{"canaryd.json", R"({"api": {"rate_limit": {"requests": 7}},
          "platforms": {"eu": {"window_unit": "s", "rate_limit": {"requests": 9}}}})"}});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->budget_of("default").requests, 7);
  EXPECT_EQ(read->budget_of("eu").requests, 9);
  EXPECT_EQ(read->rules.platforms.at("default").window_unit, std::chrono::minutes{1});
  EXPECT_EQ(read->rules.platforms.at("eu").window_unit, std::chrono::seconds{1});
}

TEST(site_settings, one_part_that_cannot_be_read_is_not_passed_over) {
  const auto folder = std::filesystem::path{testing::TempDir()} / "site_settings_parts";
  std::filesystem::create_directories(folder / "canaryd.json.d");
  const auto file = (folder / "canaryd.json").string();
  std::ofstream{file} << "{}";
  std::filesystem::create_symlink("nowhere", folder / "canaryd.json.d" / "eu.json");
  EXPECT_FALSE(load_site_settings(file, false));
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(load_site_settings(file, false));
}

TEST(site_settings, its_problems_have_their_place) {
  const auto read = parse_site_settings({{"canaryd.json", "{\"limits\": {\"min_interval\": -1}}"}});
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error(),
              ElementsAre(StartsWith("canaryd.json:1:29: /limits/min_interval: found -1")));
}

}  // namespace
}  // namespace canaryd::cli
