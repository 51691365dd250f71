// What a check of audit files finds.
#include "canaryd/canary/audit_check.hpp"

#include "canaryd/canary/audit_chain.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::canary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using text_list = std::vector<std::string>;

text_list chain_of(int count, chain_end end = {}) {
  text_list lines;
  for (int i = 1; i <= count; ++i)
    lines.push_back(
        continue_chain({{"record_id", fmt::format("uid-{}", i)}, {"reason", "passed"}}, end));
  return lines;
}

chain_report check(const std::vector<text_list>& files) {
  chain_check made;
  for (std::size_t i = 0; i < files.size(); ++i) {
    made.begin_file(fmt::format("audit.{}", i + 1));
    for (const auto& line : files[i])
      made.add(line, true);
  }
  return made.finish();
}

// "FILE:LINE: fault".
text_list findings(const std::vector<text_list>& files) {
  text_list all;
  for (const auto& each : check(files).findings)
    all.push_back(fmt::format("{}:{}: {}", each.file, each.line, to_string(each.what)));
  return all;
}

TEST(audit_chain, a_line_has_its_number_and_the_digest_of_the_line_before) {
  chain_end end;
  const auto first = continue_chain({{"record_id", "a"}}, end);
  EXPECT_EQ(first, R"({"record_id":"a","sequence":1,"prev_sha256":null})");
  const auto second = continue_chain({{"record_id", "b"}}, end);
  EXPECT_EQ(second, R"({"record_id":"b","sequence":2,"prev_sha256":)"
                    R"("9f31c5bce98e974df3eb0a2d807ed4b631a005ada0e79e000a0838a2c8a3955d"})");
  EXPECT_EQ(end.sequence, 2);
}

TEST(audit_chain, what_is_no_line_of_a_chain_is_not_read) {
  const auto line = chain_of(2).back();
  ASSERT_TRUE(read_chain_line(line));
  EXPECT_EQ(read_chain_line(line)->sequence, 2);
  for (const auto* text : {"", "[]", "{", R"({"record_id":"a"})",
                           R"({"record_id":"a","sequence":0,"prev_sha256":null})",
                           R"({"record_id":"a","sequence":9007199254740993,"prev_sha256":null})",
                           R"({"record_id":"a","sequence":9223372036854775806,"prev_sha256":null})",
                           R"({"record_id":"a","sequence":9223372036854775807,"prev_sha256":null})",
                           R"({"record_id":"a","sequence":1,"prev_sha256":"short"})",
                           R"({"record_id":"","sequence":1,"prev_sha256":null})"})
    EXPECT_FALSE(read_chain_line(text)) << text;
}

TEST(audit_check, a_whole_chain_is_fine) {
  const auto report = check({chain_of(5)});
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.records, 5U);
  EXPECT_EQ(report.first, 1);
}

TEST(audit_check, an_empty_file_is_fine) {
  EXPECT_THAT(check({{}}).findings, IsEmpty());
  EXPECT_EQ(check({{}}).records, 0U);
}

TEST(audit_check, a_chain_goes_on_over_files) {
  const auto lines = chain_of(4);
  EXPECT_THAT(findings({{lines[0], lines[1]}, {}, {lines[2], lines[3]}}), IsEmpty());
  // Without the first file nobody can tell what was in it.
  const auto later = check({{lines[2], lines[3]}});
  EXPECT_THAT(later.findings, IsEmpty());
  EXPECT_EQ(later.first, 3);
  EXPECT_THAT(findings({{lines[0]}, {lines[2], lines[3]}}), ElementsAre("audit.1:1: missing"));
}

TEST(audit_check, a_changed_byte_is_found_wherever_it_is) {
  const auto sound = chain_of(4);
  for (std::size_t at = 0; at < sound[1].size(); ++at) {
    auto lines = sound;
    lines[1][at] = lines[1][at] == '7' ? '8' : '7';
    EXPECT_FALSE(findings({lines}).empty()) << lines[1];
  }
  auto lines = sound;
  lines[1].replace(lines[1].find("passed"), 6, "failed");
  EXPECT_THAT(findings({lines}), ElementsAre("audit.1:2: changed"));
  EXPECT_THAT(check({lines}).findings.front().text, HasSubstr("number 3"));
}

TEST(audit_check, a_changed_number_of_a_line_is_found) {
  auto lines = chain_of(3);
  lines[0].replace(lines[0].find("\"sequence\":1"), 12, "\"sequence\":9");
  EXPECT_FALSE(findings({lines}).empty());
}

TEST(audit_check, a_line_that_is_no_record_any_more_is_changed_and_nothing_else) {
  auto lines = chain_of(4);
  lines[2] = "rubbish";
  EXPECT_THAT(findings({lines}), ElementsAre("audit.1:3: changed"));
}

TEST(audit_check, missing_lines_are_counted) {
  auto lines = chain_of(6);
  lines.erase(lines.begin() + 2, lines.begin() + 4);
  const auto report = check({lines});
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings.front().what, chain_fault::missing);
  EXPECT_EQ(report.findings.front().line, 2U);
  EXPECT_EQ(report.findings.front().text, "after the line 2 are missing: numbers 3 to 4");
}

TEST(audit_check, swapped_lines_are_both_named) {
  auto lines = chain_of(5);
  std::swap(lines[1], lines[3]);
  EXPECT_THAT(findings({lines}), ElementsAre("audit.1:2: swapped", "audit.1:4: swapped"));
}

TEST(audit_check, the_files_of_a_chain_may_come_in_any_order) {
  const auto lines = chain_of(6);
  EXPECT_THAT(findings({{lines[4], lines[5]}, {lines[0], lines[1]}, {lines[2], lines[3]}}),
              IsEmpty());
  // The daemon went over to another file and came back.
  EXPECT_THAT(findings({{lines[0], lines[1], lines[4], lines[5]}, {lines[2], lines[3]}}),
              IsEmpty());
  EXPECT_THAT(findings({{lines[0], lines[4], lines[1], lines[5]}, {lines[2], lines[3]}}),
              ElementsAre("audit.1:2: swapped", "audit.1:3: swapped"));
}

TEST(audit_check, a_changed_first_line_of_a_file_hides_no_order) {
  const auto lines = chain_of(6);
  EXPECT_THAT(findings({{lines[4], lines[5]}, {"rubbish", "more", lines[2], lines[3]}}),
              ElementsAre("audit.2:1: changed", "audit.2:2: changed"));
  EXPECT_THAT(findings({{"rubbish", lines[0], lines[1]}}), ElementsAre("audit.1:1: changed"));
}

TEST(audit_check, a_copied_line_is_there_twice) {
  auto lines = chain_of(4);
  lines.insert(lines.begin() + 3, lines[1]);
  EXPECT_THAT(findings({lines}), ElementsAre("audit.1:4: repeated"));
}

TEST(audit_check, each_fault_is_named_in_the_order_of_the_lines) {
  auto lines = chain_of(9);
  lines[6].replace(lines[6].find("passed"), 6, "failed");
  std::swap(lines[3], lines[4]);
  lines.erase(lines.begin() + 1);
  EXPECT_THAT(findings({lines}), ElementsAre("audit.1:1: missing", "audit.1:3: swapped",
                                             "audit.1:4: swapped", "audit.1:6: changed"));
}

TEST(audit_check, a_file_that_ends_within_a_line_is_cut_off) {
  const auto lines = chain_of(2);
  chain_check made;
  made.begin_file("audit");
  made.add(lines[0], true);
  made.add(std::string_view{lines[1]}.substr(0, 20), false);
  const auto report = made.finish();
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings.front().what, chain_fault::cut_off);
  EXPECT_EQ(report.findings.front().line, 2U);
}

}  // namespace
}  // namespace canaryd::canary
