// Audit files looked at without a daemon.
#include "canaryd/canary/audit_chain.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "canaryctl_run.hpp"
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace canaryd::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class audit_verify_command : public testing::Test {
 protected:
  audit_verify_command() {
    std::string pattern = std::filesystem::temp_directory_path() / "canaryctl-XXXXXX";
    folder = mkdtemp(pattern.data());
    canary::chain_end end;
    for (int i = 1; i <= 4; ++i)
      lines.push_back(canary::continue_chain(
          {{"record_id", fmt::format("uid-{}", i)}, {"reason", "passed"}}, end));
  }
  ~audit_verify_command() override { std::filesystem::remove_all(folder); }

  std::string file(const std::string& name, const std::vector<std::string>& content) const {
    std::ofstream out{folder / name};
    for (const auto& line : content)
      out << line << '\n';
    return folder / name;
  }

  std::filesystem::path folder;
  std::vector<std::string> lines;
};

TEST_F(audit_verify_command, says_that_a_whole_file_is_ok) {
  const auto done = run_canaryctl({"audit", "verify", file("audit.jsonl", lines)});
  EXPECT_EQ(done.out, "ok, 4 records\n");
  EXPECT_THAT(done.err, IsEmpty());
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(run_canaryctl({"audit", "verify", file("empty", {})}).out, "ok, 0 records\n");
}

TEST_F(audit_verify_command, follows_the_chain_over_files) {
  const auto older = file("audit.jsonl-2026-01-01", {lines[0], lines[1]});
  const auto newer = file("audit.jsonl", {lines[2], lines[3]});
  EXPECT_EQ(run_canaryctl({"audit", "verify", older, newer}).out, "ok, 4 records\n");
  EXPECT_EQ(run_canaryctl({"audit", "verify", newer}).out, "ok, 2 records from number 3 on\n");
  // The shell lists the newest file first.
  EXPECT_EQ(run_canaryctl({"audit", "verify", newer, older}).out, "ok, 4 records\n");
}

TEST_F(audit_verify_command, names_a_changed_a_missing_and_a_swapped_line) {
  auto changed = lines;
  changed[1].replace(changed[1].find("passed"), 6, "failed");
  const auto one = file("changed", changed);
  auto done = run_canaryctl({"audit", "verify", one});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.out, one +
                          ":2: the line is changed: it is not the one that number 3 was written "
                          "after\n");
  const auto two = file("missing", {lines[0], lines[1], lines[3]});
  done = run_canaryctl({"audit", "verify", two});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.out, two + ":2: after the line one is missing: number 3\n");
  const auto three = file("swapped", {lines[0], lines[2], lines[1], lines[3]});
  done = run_canaryctl({"audit", "verify", three});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.out, StartsWith(three + ":2: the line is swapped: it is number 3, and here "
                                           "number 2 belongs\n"));
}

TEST_F(audit_verify_command, a_file_without_an_end_is_cut_off) {
  const auto name = file("cut", {lines[0]});
  std::ofstream{name, std::ios::app} << lines[1].substr(0, 9);
  const auto done = run_canaryctl({"audit", "verify", name});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.out, StartsWith(name + ":2: the line is cut off"));
}

TEST_F(audit_verify_command, a_line_that_is_longer_than_any_record_fails) {
  const auto done = run_canaryctl(
      {"audit", "verify", file("long", {lines[0], std::string((1U << 20U) + 1, 'x'), lines[1]})});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, HasSubstr("long: a line is too long"));
  EXPECT_THAT(done.out, IsEmpty());
}

TEST_F(audit_verify_command, json_has_every_finding) {
  const auto done = run_canaryctl({"--json", "audit", "verify", file("a", {lines[0], lines[2]})});
  EXPECT_EQ(done.exit_code, 2);
  const auto report = boost::json::parse(done.out);
  EXPECT_EQ(report.at("ok"), false);
  EXPECT_EQ(report.at("records"), 2);
  EXPECT_EQ(report.at("findings").at(0).at("fault"), "missing");
  EXPECT_EQ(report.at("findings").at(0).at("line"), 1);
}

TEST_F(audit_verify_command, a_file_that_cannot_be_read_fails) {
  for (const auto& name : {folder / "none", folder}) {
    const auto done = run_canaryctl({"audit", "verify", name});
    EXPECT_EQ(done.exit_code, 2) << name;
    EXPECT_THAT(done.err, HasSubstr(name.native()));
    EXPECT_THAT(done.out, IsEmpty());
  }
  EXPECT_EQ(run_canaryctl({"audit", "verify"}).exit_code, 64);
  EXPECT_EQ(run_canaryctl({"audit"}).exit_code, 64);
}

}  // namespace
}  // namespace canaryd::cli
