#include "canaryd/job/job_file_name.hpp"

#include <gtest/gtest.h>

namespace canaryd::job {
namespace {

using namespace std::string_view_literals;

TEST(job_file_name, files_that_are_still_written_are_ignored) {
  for (const auto* name : {".a.json", ".", "a.json.tmp", "a.part", "a.json~", "~"})
    EXPECT_TRUE(is_ignored_name(name)) << name;
  for (const auto* name : {"a.json", "a.tmp.json", "a", "tmp", "a~.json"})
    EXPECT_FALSE(is_ignored_name(name)) << name;
}

TEST(job_file_name, the_stem_is_the_name_without_json) {
  EXPECT_EQ(job_file_stem("bot-1.json"), "bot-1");
  EXPECT_EQ(job_file_stem("Bot_1.v2-canary.json"), "Bot_1.v2-canary");
  EXPECT_EQ(job_file_stem("1.json"), "1");
  EXPECT_EQ(job_file_stem("a.b.2x.json"), "a.b.2x");
  EXPECT_EQ(job_file_stem("result.json"), "result");
  const std::string longest(100, 'a');
  EXPECT_EQ(job_file_stem(longest + ".json"), longest);
}

TEST(job_file_name, names_outside_the_pattern_are_refused_and_quoted) {
  for (const auto name :
       {""sv, ".json"sv, "a"sv, "a.jso"sv, "a.JSON"sv, "a.json.bak"sv, "-a.json"sv, "_a.json"sv,
        "a b.json"sv, "../a.json"sv, "a/b.json"sv, "ä.json"sv, "a\n.json"sv, "a\0.json"sv,
        "a.yaml"sv, "a:b.json"sv, "a%.json"sv})
    EXPECT_FALSE(job_file_stem(name)) << name;
  EXPECT_FALSE(job_file_stem(std::string(101, 'a') + ".json"));
  EXPECT_TRUE(job_file_stem("a\x1B[31m b.json").error().contains(R"("a?[31m b.json")"));
}

TEST(job_file_name, endings_of_the_daemons_own_files_are_refused) {
  for (const auto* name : {"a.result.json", "a.error.json", "a.2.json", "a.0.json", "a.b.123.json"})
    EXPECT_TRUE(job_file_stem(name).error().contains("the daemon's own files")) << name;
}

}  // namespace
}  // namespace canaryd::job
