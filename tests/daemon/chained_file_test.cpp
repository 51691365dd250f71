// The audit file on disk: what is there after renames, crashes and full disks.
#include "canaryd/daemon/chained_file.hpp"

#include "canaryd/canary/audit_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/read_file.hpp"
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::daemon {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class chained_file_test : public testing::Test {
 protected:
  chained_file_test() {
    auto pattern = (fs::temp_directory_path() / "canaryd-chain-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    begin();
  }
  ~chained_file_test() override { fs::remove_all(folder); }

  fs::path file() const { return folder / "audit.jsonl"; }
  fs::path last_line() const { return folder / "last"; }
  // A daemon that starts.
  void begin() { lines.emplace(file(), last_line()); }

  result<void> append(const std::vector<std::string>& ids) {
    std::vector<boost::json::object> records;
    records.reserve(ids.size());
    for (const auto& id : ids)
      records.push_back({{"record_id", id}, {"reason", "passed"}});
    return lines->append(records);
  }

  void append_text(std::string_view text) {
    std::ofstream{file(), std::ios::app | std::ios::binary} << text;
  }

  // A line that goes on after the last one of the file, as anybody can write it.
  std::string forged_line(const std::string& id, std::string_view reason = "forged") const {
    const auto whole = support::read_file(file());
    const auto begin_of_last = whole.rfind('\n', whole.size() - 2) + 1;
    auto end = canary::end_with(
        std::string_view{whole}.substr(begin_of_last, whole.size() - 1 - begin_of_last), {});
    return canary::continue_chain({{"record_id", id}, {"reason", reason}}, end) + '\n';
  }

  // The ids in the files, one after the other; adds what a check finds to `found`.
  std::vector<std::string> ids_in(const std::vector<fs::path>& files) {
    std::vector<std::string> ids;
    canary::chain_check check;
    for (const auto& each : files) {
      check.begin_file(each);
      std::ifstream in{each};
      for (std::string line; std::getline(in, line);) {
        check.add(line, !in.eof());
        if (const auto read = canary::read_chain_line(line))
          ids.push_back(read->record_id);
      }
    }
    found.clear();
    for (const auto& each : check.finish().findings)
      found.push_back(each.text);
    return ids;
  }

  fs::path folder;
  std::optional<chained_file> lines;
  std::vector<std::string> found;
};

TEST_F(chained_file_test, has_a_line_for_each_record_and_no_reader_outside_of_the_group) {
  EXPECT_TRUE(append({"a", "b"}));
  EXPECT_TRUE(append({"c"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found, IsEmpty());
  struct stat about{};
  ASSERT_EQ(::stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0137U, 0U);
}

TEST_F(chained_file_test, goes_on_after_a_restart) {
  EXPECT_TRUE(append({"a"}));
  begin();
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, a_record_that_is_there_already_is_not_written_again) {
  EXPECT_TRUE(append({"a", "b"}));
  EXPECT_TRUE(append({"b"}));
  // As after a crash before they were marked as delivered.
  begin();
  EXPECT_TRUE(append({"a", "b", "c"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, the_chain_goes_on_in_the_file_after_a_renamed_one) {
  EXPECT_TRUE(append({"a"}));
  fs::rename(file(), folder / "audit.jsonl-1");
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(ids_in({folder / "audit.jsonl-1", file()}), ElementsAre("a", "b"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, the_chain_goes_on_if_the_file_was_renamed_before_a_start) {
  EXPECT_TRUE(append({"a"}));
  fs::rename(file(), folder / "audit.jsonl-1");
  std::ofstream{file()} << "";
  begin();
  // The last record of the renamed file may not have been marked as delivered.
  EXPECT_TRUE(append({"a", "b"}));
  EXPECT_THAT(ids_in({folder / "audit.jsonl-1", file()}), ElementsAre("a", "b"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, the_chain_goes_on_in_another_file) {
  EXPECT_TRUE(append({"a"}));
  lines->move_to(folder / "other.jsonl");
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(ids_in({file(), folder / "other.jsonl"}), ElementsAre("a", "b"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, a_torn_last_line_is_cut_off_and_its_record_written_again) {
  EXPECT_TRUE(append({"a", "b"}));
  const auto whole = support::read_file(file());
  const auto begin_of_b = whole.find('\n') + 1;
  for (auto size = begin_of_b; size <= whole.size(); ++size) {
    std::ofstream{file(), std::ios::binary} << whole.substr(0, size);
    // The copy is written after the line.
    std::ofstream{last_line()} << whole.substr(0, begin_of_b);
    begin();
    EXPECT_TRUE(append({"b", "c"}));
    EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "c")) << size;
    EXPECT_THAT(found, IsEmpty()) << size;
    EXPECT_EQ(support::read_file(file()).substr(0, whole.size()), whole);
  }
}

TEST_F(chained_file_test, zeros_of_a_torn_line_are_cut_off_too) {
  EXPECT_TRUE(append({"a"}));
  append_text(std::string(100, '\0'));
  begin();
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, what_others_have_written_is_kept_and_found) {
  EXPECT_TRUE(append({"a"}));
  append_text("a remark");
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(support::read_file(file()), HasSubstr("\na remark\n{"));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b"));
  EXPECT_THAT(found, ElementsAre(HasSubstr("not a JSON object")));
}

TEST_F(chained_file_test, whole_json_of_others_is_kept_without_its_newline_too) {
  EXPECT_TRUE(append({"a"}));
  append_text(R"({"note":"by hand"})");
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(support::read_file(file()), HasSubstr("\n{\"note\":\"by hand\"}\n{"));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b"));
  EXPECT_THAT(found, ElementsAre(HasSubstr("it has no record_id")));
}

TEST_F(chained_file_test, a_removed_last_line_is_found_after_the_next_record) {
  EXPECT_TRUE(append({"a", "b"}));
  const auto whole = support::read_file(file());
  std::ofstream{file()} << whole.substr(0, whole.find('\n') + 1);
  begin();
  EXPECT_TRUE(append({"c"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "c"));
  EXPECT_THAT(found, ElementsAre("after the line one is missing: number 2"));
}

TEST_F(chained_file_test, a_changed_last_line_is_found_after_the_next_record) {
  EXPECT_TRUE(append({"a", "b"}));
  auto whole = support::read_file(file());
  whole.replace(whole.rfind("passed"), 6, "failed");
  std::ofstream{file()} << whole;
  EXPECT_TRUE(append({"c"}));
  ids_in({file()});
  EXPECT_THAT(found, ElementsAre(HasSubstr("the line is changed")));
}

TEST_F(chained_file_test, a_running_daemon_does_not_go_on_after_a_line_of_somebody_else) {
  EXPECT_TRUE(append({"a", "b"}));
  append_text(forged_line("x"));
  EXPECT_TRUE(append({"c"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "x", "c"));
  EXPECT_THAT(found, ElementsAre(HasSubstr("the line is there twice")));
}

TEST_F(chained_file_test, a_start_does_not_go_on_after_a_line_that_does_not_follow) {
  EXPECT_TRUE(append({"a", "b"}));
  const auto whole = support::read_file(file());
  const auto begin_of_b = whole.find('\n') + 1;
  const auto b = whole.substr(begin_of_b, whole.size() - 1 - begin_of_b);
  // The true last line is there, but the history ends with another one.
  std::ofstream{file()} << whole.substr(begin_of_b) << whole.substr(0, begin_of_b);
  append_text(forged_line("x"));
  begin();
  EXPECT_TRUE(append({"c"}));
  const auto now = support::read_file(file());
  const auto last = canary::read_chain_line(now.substr(now.rfind('\n', now.size() - 2) + 1));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->record_id, "c");
  EXPECT_EQ(last->prev_sha256, canary::end_with(b, {}).sha256);
}

TEST_F(chained_file_test, a_start_without_a_copy_goes_on_after_the_last_line) {
  EXPECT_TRUE(append({"a", "b"}));
  fs::remove(last_line());
  begin();
  EXPECT_TRUE(append({"b", "c"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, a_forged_line_with_the_id_of_a_record_does_not_replace_it) {
  EXPECT_TRUE(append({"a"}));
  append_text(forged_line("b"));
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "b"));
  append_text(forged_line("c"));
  begin();
  EXPECT_TRUE(append({"c"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "b", "c", "c"));
}

TEST_F(chained_file_test, a_running_daemon_writes_a_record_that_somebody_else_has_written) {
  EXPECT_TRUE(append({"a"}));
  append_text(forged_line("b", "passed"));
  EXPECT_TRUE(append({"b"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "b"));
  EXPECT_THAT(found, ElementsAre(HasSubstr("the line is there twice")));
}

TEST_F(chained_file_test, a_record_that_another_version_has_written_is_not_written_again) {
  const std::vector<boost::json::object> before{{{"record_id", "a"}, {"source", "canaryd/1"}}};
  const std::vector<boost::json::object> after{{{"record_id", "a"}, {"source", "canaryd/2"}}};
  EXPECT_TRUE(lines->append(before));
  begin();
  EXPECT_TRUE(lines->append(after));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a"));
}

TEST_F(chained_file_test, a_long_file_goes_on_with_its_end) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20'000; ++i)
    ids.push_back("record-" + std::to_string(i));
  EXPECT_TRUE(append(ids));
  EXPECT_GT(fs::file_size(file()), 2U << 20U);
  begin();
  EXPECT_TRUE(append({ids.back(), "next"}));
  EXPECT_EQ(ids_in({file()}).size(), ids.size() + 1);
  EXPECT_THAT(found, IsEmpty());
}

// The limit on the size of files is as good as a full disk.
class full_disk {
 public:
  explicit full_disk(std::uint64_t size) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{.rlim_cur = size, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~full_disk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(chained_file_test, after_a_full_disk_the_same_records_can_be_written) {
  EXPECT_TRUE(append({"a"}));
  const auto size = fs::file_size(file());
  for (std::uint64_t room = 0; room < 2 * size; room += 7) {
    const full_disk now{size + room};
    const auto written = append({"b", "c"});
    ASSERT_FALSE(written) << room;
    EXPECT_EQ(written.error().kind, fault::system);
    EXPECT_THAT(written.error().text, HasSubstr("cannot write to it"));
    // Nothing of it is left for readers.
    EXPECT_EQ(fs::file_size(file()), size);
  }
  EXPECT_TRUE(append({"b", "c"}));
  EXPECT_THAT(ids_in({file()}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(chained_file_test, lines_of_a_failed_append_that_cannot_be_undone_are_there) {
  // A file that cannot be made shorter.
  const int memory = ::memfd_create("audit", MFD_ALLOW_SEALING);
  ASSERT_EQ(::fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK), 0);
  const fs::path sealed = "/proc/self/fd/" + std::to_string(memory);
  lines.emplace(sealed, last_line());
  EXPECT_TRUE(append({"a"}));
  const auto size = support::read_file(sealed).size();
  {
    // The second line is as long as the first one, but has a digest instead of null.
    const full_disk now{size + size + 62};
    const auto written = append({"b", "c"});
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().text, HasSubstr("cannot cut off a torn line"));
  }
  EXPECT_TRUE(append({"b", "c"}));
  EXPECT_THAT(ids_in({sealed}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found, IsEmpty());
  ::close(memory);
}

TEST_F(chained_file_test, what_is_no_file_that_can_be_written_is_an_error) {
  fs::create_directory(file());
  EXPECT_FALSE(append({"a"}));
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_FALSE(append({"a"}));
  fs::remove(file());
  lines.emplace(folder / "none" / "audit.jsonl", last_line());
  const auto written = append({"a"});
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().text, HasSubstr("none/audit.jsonl: cannot open it: No such file"));
  // Once it is there, it goes on.
  fs::create_directory(folder / "none");
  EXPECT_TRUE(append({"a"}));
}

}  // namespace
}  // namespace canaryd::daemon
