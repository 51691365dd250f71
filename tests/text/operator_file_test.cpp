#include "canaryd/text/operator_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/stat.h>

namespace canaryd::text {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::SizeIs;

class split_file_test : public testing::Test {
 protected:
  split_file_test() { write("main.json", "{}"); }
  ~split_file_test() override { fs::remove_all(folder); }

  fs::path further() const { return folder / "main.json.d"; }
  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream{folder / name, std::ios::binary} << text;
  }
  split_file read(std::size_t max_bytes = 1000) const {
    return read_split_file(folder / "main.json", max_bytes);
  }
  std::vector<std::string> names(const split_file& found) const {
    std::vector<std::string> all;
    for (const auto& part : found.parts)
      all.push_back(fs::path{part.file}.lexically_relative(folder));
    return all;
  }

  const fs::path folder = [] {
    auto pattern = (fs::path{testing::TempDir()} / "canaryd_split_XXXXXX").string();
    return fs::path{::mkdtemp(pattern.data())};
  }();
};

TEST_F(split_file_test, a_file_without_a_folder_is_alone) {
  const auto found = read();
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(names(found), ElementsAre("main.json"));
  EXPECT_EQ(found.parts.front().bytes, "{}");
}

TEST_F(split_file_test, further_parts_come_in_the_order_of_their_names) {
  for (const auto* name : {"b.json", "10.json", "a.json", "Z.json", "9.json"})
    write("main.json.d/" + std::string{name}, "{}");
  EXPECT_THAT(names(read()),
              ElementsAre("main.json", "main.json.d/10.json", "main.json.d/9.json",
                          "main.json.d/Z.json", "main.json.d/a.json", "main.json.d/b.json"));
}

TEST_F(split_file_test, hidden_files_and_other_names_are_left_out) {
  for (const auto* name : {".a.json", ".json", "a.json~", "b.json.dpkg-old", "README", "c.JSON"})
    write("main.json.d/" + std::string{name}, "no JSON");
  const auto found = read();
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(names(found), ElementsAre("main.json"));
}

TEST_F(split_file_test, links_are_followed) {
  write("elsewhere/part", "{}");
  fs::create_directory_symlink(folder / "elsewhere", further());
  fs::create_symlink("part", folder / "elsewhere/a.json");
  EXPECT_THAT(names(read()), ElementsAre("main.json", "main.json.d/a.json"));
}

TEST_F(split_file_test, what_cannot_be_read_is_a_problem_and_the_rest_is_read) {
  fs::create_directories(further() / "a.json");
  ::mkfifo((further() / "b.json").c_str(), 0600);
  fs::create_symlink("nowhere", further() / "c.json");
  write("main.json.d/d.json", "{}");
  const auto found = read();
  EXPECT_THAT(found.problems, ElementsAre(EndsWith("/a.json: not a regular file"),
                                          EndsWith("/b.json: not a regular file"),
                                          EndsWith("/c.json: No such file or directory")));
  EXPECT_THAT(names(found), ElementsAre("main.json", "main.json.d/d.json"));
}

TEST_F(split_file_test, a_file_in_the_place_of_the_folder_is_a_problem) {
  write("main.json.d", "{}");
  EXPECT_THAT(read().problems, ElementsAre(EndsWith("/main.json.d: Not a directory")));
}

TEST_F(split_file_test, a_missing_file_is_a_problem_whatever_its_folder_has) {
  fs::remove(folder / "main.json");
  write("main.json.d/a.json", "{}");
  const auto found = read();
  EXPECT_THAT(found.problems, ElementsAre(EndsWith("/main.json: No such file or directory")));
  EXPECT_THAT(names(found), ElementsAre("main.json.d/a.json"));
}

TEST_F(split_file_test, all_files_together_have_a_bound) {
  write("main.json.d/a.json", std::string(50, ' '));
  write("main.json.d/b.json", std::string(48, ' '));
  EXPECT_THAT(read(100).problems, IsEmpty());
  const auto found = read(99);
  EXPECT_THAT(found.problems,
              ElementsAre(EndsWith(
                  "/b.json: with it the files together have more than the 99 bytes allowed")));
  EXPECT_THAT(found.parts, SizeIs(2));
}

TEST_F(split_file_test, a_folder_that_is_a_link_to_nowhere_is_no_missing_one) {
  fs::create_symlink("nowhere", further());
  EXPECT_THAT(read().problems, ElementsAre(EndsWith("/main.json.d: No such file or directory")));
}

TEST_F(split_file_test, of_a_first_file_that_is_too_long_no_other_file_is_blamed) {
  write("main.json", std::string(100, ' '));
  write("main.json.d/a.json", "{}");
  EXPECT_THAT(read(99).problems, IsEmpty());
  EXPECT_THAT(read(99).parts, SizeIs(1));
}

TEST_F(split_file_test, the_number_of_files_has_a_bound) {
  for (std::size_t i = 0; i < max_further_parts; ++i)
    write("main.json.d/" + std::to_string(i) + ".json", "{}");
  EXPECT_THAT(read().problems, IsEmpty());
  EXPECT_THAT(read().parts, SizeIs(max_further_parts + 1));
  write("main.json.d/more.json", "{}");
  EXPECT_THAT(read().problems, ElementsAre(EndsWith("more than the 256 files *.json allowed")));
}

TEST_F(split_file_test, a_large_file_is_read_to_one_byte_past_the_bound) {
  const std::string large(30'000, 'x');
  write("main.json", large);
  EXPECT_EQ(read_operator_file(folder / "main.json", 30'000).value(), large);
  EXPECT_EQ(read_operator_file(folder / "main.json", 29'000).value().size(), 29'001U);
  EXPECT_EQ(read_operator_file("/proc/self/status", 100'000).value().substr(0, 5), "Name:");
}

}  // namespace
}  // namespace canaryd::text
