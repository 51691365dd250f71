// What bash offers after canaryctl, asked of bash itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.hpp"
#include "scripted_daemon.hpp"
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace canaryd::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

// What is offered where the last of `words` is to be completed.
std::vector<std::string> completions(const std::string& words) {
  const std::string script =
      "source " CANARYD_SOURCE_DIR "/config/bash-completion/canaryctl; COMP_WORDS=(" CANARYD_BIN_DIR
      "/canaryctl " +
      words +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _canaryctl; printf '%s\\n' \"${COMPREPLY[@]}\"";
  FILE* pipe = popen(("exec 2>&1; cat <<'END' | bash --norc\n" + script + "\nEND").c_str(), "r");
  std::string out;
  std::array<char, 4096> some{};
  while (const auto got = fread(some.data(), 1, some.size(), pipe))
    out.append(some.data(), got);
  pclose(pipe);
  std::istringstream lines{out};
  std::vector<std::string> offered;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty())
      offered.push_back(line);
  }
  return offered;
}

TEST(completion, the_commands_come_first) {
  EXPECT_EQ(completions("''").size(), 14);
  EXPECT_THAT(completions("pro"), ElementsAre("promote"));
  EXPECT_THAT(completions("rel"), ElementsAre("reload"));
  EXPECT_THAT(completions("--json st"), ElementsAre("status"));
}

TEST(completion, each_command_has_its_options) {
  EXPECT_THAT(completions("validate --s"), UnorderedElementsAre("--strict", "--socket"));
  EXPECT_THAT(completions("promote orders --f"), ElementsAre("--force"));
  EXPECT_THAT(completions("abort orders --f"), IsEmpty());
  EXPECT_THAT(completions("list --"), IsSupersetOf({"--ids", "--state", "--json", "--help"}));
  EXPECT_THAT(completions("--v"), ElementsAre("--version"));
}

TEST(completion, states_are_known) {
  EXPECT_THAT(completions("list --state pa"), ElementsAre("paused"));
  EXPECT_THAT(completions("approve a --expect-state wai"), ElementsAre("waiting_approval"));
  // The ends are no states to ask for: canaryctl refuses them.
  EXPECT_THAT(completions("list --state ro"), ElementsAre("rolling_back"));
  EXPECT_THAT(completions("list --state f"), IsEmpty());
}

TEST(completion, jobs_are_those_of_the_daemon) {
  scripted_daemon daemon;
  daemon.answer("GET /v1/jobs", {.body = R"({"jobs":[)" + job_json("orders", "observing") + "," +
                                         job_json("order-desk", "paused") + "," +
                                         job_json("billing", "waiting_approval") + "]}"});
  const auto start = "--socket " + daemon.socket_path() + " ";
  EXPECT_THAT(completions(start + "watch ''"),
              UnorderedElementsAre("orders", "order-desk", "billing"));
  EXPECT_THAT(completions(start + "show ord"), UnorderedElementsAre("orders", "order-desk"));
  EXPECT_THAT(completions(start + "resume ''"), ElementsAre("order-desk"));
  EXPECT_THAT(completions(start + "approve ''"), ElementsAre("billing"));
}

TEST(completion, without_a_daemon_there_is_nothing_and_no_complaint) {
  EXPECT_THAT(completions("--socket /none show ''"), IsEmpty());
}

TEST(completion, files_are_job_files_and_folders) {
  const scripted_daemon folder_of_its_own;
  const auto folder =
      std::filesystem::path{folder_of_its_own.socket_path()}.parent_path().string() + "/";
  std::filesystem::create_directory(folder + "more");
  std::ofstream{folder + "job.json"} << "{}";
  std::ofstream{folder + "notes.txt"} << "";
  EXPECT_THAT(completions("validate " + folder),
              UnorderedElementsAre(folder + "more", folder + "job.json"));
  EXPECT_THAT(completions("submit --wait " + folder + "j"), ElementsAre(folder + "job.json"));
  EXPECT_THAT(completions("validate --config " + folder), Contains(folder + "notes.txt"));
  EXPECT_THAT(completions("audit ''"), ElementsAre("verify"));
  EXPECT_THAT(completions("--json audit verify " + folder + "j"), ElementsAre(folder + "job.json"));
}

TEST(manual, canaryctl_has_every_command_and_option) {
  std::ifstream in{CANARYD_SOURCE_DIR "/docs/man/canaryctl.1"};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& command : completions("''")) {
    EXPECT_THAT(page, testing::ContainsRegex("\n\\.B[RI]? \"?" + command)) << command;
    for (auto option : completions(command + " --")) {
      for (auto dash = option.find('-'); dash != std::string::npos;
           dash = option.find('-', dash + 2))
        option.insert(dash, "\\");
      EXPECT_THAT(page, testing::HasSubstr(option)) << command;
    }
  }
}

}  // namespace
}  // namespace canaryd::cli
