// The folders of jobs_dir, and the files in them.
#include "canaryd/daemon/intake/spool.hpp"

#include "canaryd/daemon/intake/rejection.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::daemon {
namespace {

namespace fs = std::filesystem;

class spool_folders : public testing::Test {
 protected:
  spool_folders() {
    auto pattern = (fs::temp_directory_path() / "canaryd-spool-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    umask_ = ::umask(0007);
  }
  ~spool_folders() override {
    ::umask(umask_);
    fs::remove_all(root_);
  }

  static mode_t mode_of(const fs::path& folder) {
    struct stat about{};
    EXPECT_EQ(::stat(folder.c_str(), &about), 0) << folder;
    return about.st_mode & 07777;
  }

  spool in_place() const { return {root_ / "jobs"}; }

  fs::path root_;
  mode_t umask_;
};

TEST_F(spool_folders, the_group_may_drop_into_incoming_and_read_the_rest) {
  const auto place = in_place();
  ASSERT_TRUE(make_folders(place));
  EXPECT_EQ(mode_of(place.jobs_dir), 0750);
  EXPECT_EQ(mode_of(place.incoming()), 01770);
  for (const auto& folder : {place.active(), place.done(), place.rejected()})
    EXPECT_EQ(mode_of(folder), 0750) << folder;
}

TEST_F(spool_folders, a_folder_made_again_is_of_the_same_group) {
  const auto place = in_place();
  ASSERT_TRUE(make_folders(place));
  ASSERT_EQ(::chmod(place.jobs_dir.c_str(), 02750), 0);
  fs::remove(place.incoming());
  ASSERT_TRUE(make_folders(place));
  EXPECT_EQ(mode_of(place.incoming()), 03770);
}

TEST_F(spool_folders, a_file_where_a_folder_should_be_is_an_error) {
  const auto place = in_place();
  ASSERT_TRUE(make_folders(place));
  fs::remove(place.done());
  ASSERT_TRUE(write_whole(place.done(), "", 0600));
  const auto made = make_folders(place);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("done"), std::string::npos);
}

TEST_F(spool_folders, a_link_to_a_folder_is_not_followed) {
  const auto place = in_place();
  ASSERT_TRUE(make_folders(place));
  fs::create_directory(root_ / "elsewhere");
  for (const auto& folder : {place.incoming(), place.done()}) {
    fs::remove(folder);
    fs::create_directory_symlink(root_ / "elsewhere", folder);
  }
  EXPECT_FALSE(make_folders(place));
  EXPECT_FALSE(write_whole(place.done() / "a.json", "{}", 0640));
  EXPECT_FALSE(drop_file(place, "a.json", "{}", 0640));
  EXPECT_FALSE(look_for(place.done() / "a.json"));
  EXPECT_TRUE(fs::is_empty(root_ / "elsewhere"));
}

TEST_F(spool_folders, a_folder_that_leads_to_itself_is_an_error_of_every_call) {
  const auto place = in_place();
  ASSERT_TRUE(make_folders(place));
  fs::remove(place.done());
  fs::create_symlink("done", place.done());
  const auto file = place.done() / "a.json";
  EXPECT_FALSE(make_folders(place));
  EXPECT_FALSE(write_whole(file, "{}", 0640));
  EXPECT_FALSE(move_file(place.active() / "a.json", file));
  EXPECT_FALSE(look_for(file));
  EXPECT_FALSE(remove_if_same(file, {}));
  EXPECT_FALSE(move_if_same(file, {}, place.active() / "a.json"));
  remove_file(file);
  const auto content = read_once(file, 10);
  ASSERT_FALSE(content);
  // Nothing is known about the file, so it must be tried again.
  EXPECT_EQ(content.error().kind, read_failure::trouble);
}

TEST_F(spool_folders, a_folder_outside_of_the_sandbox_names_the_drop_in) {
  const auto made = make_folders({"/sys/canaryd-jobs"});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("ReadWritePaths=/sys/canaryd-jobs"), std::string::npos)
      << made.error().text;
}

// Somebody who may write there may guess the daemon's temporary names.
TEST_F(spool_folders, a_fifo_or_link_under_a_temporary_name_is_neither_opened_nor_followed) {
  const auto place = in_place();
  ASSERT_TRUE(make_folders(place));
  const auto name = [](int number) {
    return ".canaryd.a.json.json." + std::to_string(::getpid()) + "." + std::to_string(number) +
           ".tmp";
  };
  ASSERT_EQ(::mkfifo((place.incoming() / name(1)).c_str(), 0666), 0);
  fs::create_symlink(root_ / "stolen", place.incoming() / name(2));
  fs::create_directory(place.incoming() / name(3));
  EXPECT_EQ(drop_file(place, "a.json", "{}", 0640), true);
  EXPECT_EQ(fs::file_size(place.incoming() / "a.json"), 2U);
  EXPECT_FALSE(fs::exists(root_ / "stolen"));
}

TEST_F(spool_folders, a_fifo_a_link_a_folder_and_a_device_are_not_opened) {
  const auto place = in_place();
  ASSERT_TRUE(make_folders(place));
  ASSERT_EQ(::mkfifo((place.incoming() / "fifo").c_str(), 0666), 0);
  fs::create_symlink("/etc/passwd", place.incoming() / "link");
  fs::create_directory(place.incoming() / "folder");
  for (const fs::path& file : {place.incoming() / "fifo", place.incoming() / "link",
                               place.incoming() / "folder", fs::path{"/dev/null"}}) {
    const auto content = read_once(file, 10);
    ASSERT_FALSE(content) << file;
    EXPECT_EQ(content.error().kind, read_failure::not_a_file) << file;
  }
}

class exchanged_file : public spool_folders {
 protected:
  exchanged_file() { EXPECT_TRUE(make_folders(place)); }

  store::file_identity write(const std::string& text) {
    EXPECT_TRUE(write_whole(file, text, 0640));
    return read_once(file, 100).value().identity;
  }
  std::string text() const { return read_once(file, 100).value().bytes; }

  spool place = in_place();
  fs::path file = place.incoming() / "a.json";
};

// A good file that is renamed over a bad one has not been read yet.
TEST_F(exchanged_file, is_not_rejected_for_what_the_one_before_it_said) {
  const auto read = write("bad");
  write("good");
  EXPECT_EQ(reject_file(place, file, read, {}), false);
  EXPECT_EQ(text(), "good");
  EXPECT_TRUE(fs::is_empty(place.rejected()));
  EXPECT_EQ(move_if_same(file, read, place.rejected() / "a.json"), false);
  EXPECT_TRUE(remove_if_same(file, read));
  EXPECT_EQ(text(), "good");
}

TEST_F(exchanged_file, the_very_file_that_was_read_is_rejected) {
  const auto read = write("bad");
  EXPECT_EQ(reject_file(place, file, read, {}), true);
  EXPECT_TRUE(fs::is_empty(place.incoming()));
  EXPECT_TRUE(fs::exists(place.rejected() / "a.json"));
  EXPECT_TRUE(fs::exists(place.rejected() / "a.error.json"));
}

TEST_F(exchanged_file, one_that_cannot_be_moved_gets_its_name_back) {
  const auto read = write("bad");
  fs::create_directory(place.rejected() / "a.json");
  EXPECT_FALSE(move_if_same(file, read, place.rejected() / "a.json"));
  EXPECT_EQ(text(), "bad");
}

TEST_F(exchanged_file, one_that_a_dying_daemon_had_in_hand_gets_its_name_back_where_it_is_free) {
  write("first");
  fs::rename(file, place.incoming() / ".canaryd-taken.a.json");
  EXPECT_EQ(name_before_taking(".canaryd-taken.a.json"), "a.json");
  EXPECT_EQ(name_before_taking(".canaryd.a.json"), std::nullopt);
  write("second");
  EXPECT_EQ(put_back(place, ".canaryd-taken.a.json"), false);
  EXPECT_EQ(text(), "second");
  fs::remove(file);
  EXPECT_EQ(put_back(place, ".canaryd-taken.a.json"), true);
  EXPECT_EQ(text(), "first");
}

TEST(first_free, finds_the_first_of_a_row_with_few_questions) {
  for (const std::int32_t taken : {0, 1, 2, 3, 7, 1000, 100'000}) {
    int questions = 0;
    const auto found = first_free(1, [&](std::int32_t number) -> result<bool> {
      ++questions;
      return number <= taken;
    });
    EXPECT_EQ(found, taken + 1);
    EXPECT_LE(questions, 40);
  }
}

TEST(first_free, an_answer_that_cannot_be_had_is_no_answer) {
  EXPECT_FALSE(first_free(
      1, [](std::int32_t) -> result<bool> { return std::unexpected{error{.text = "no"}}; }));
  EXPECT_FALSE(first_free(1, [](std::int32_t) -> result<bool> { return true; }));
}

}  // namespace
}  // namespace canaryd::daemon
