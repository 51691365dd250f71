// A jobs_dir belongs to only one daemon.
#include "canaryd/daemon/intake/jobs_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/stat.h>

namespace canaryd::daemon {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class jobs_folder_test : public testing::Test {
 protected:
  static fs::path make_root() {
    auto pattern = (fs::temp_directory_path() / "canaryd-jobs-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  ~jobs_folder_test() override { fs::remove_all(root); }

  fs::path root = make_root();
  jobs_folder first{{root / "jobs"}};
  jobs_folder second{{root / "jobs"}};
};

TEST_F(jobs_folder_test, a_second_one_is_refused_for_as_long_as_the_first_is_there) {
  ASSERT_TRUE(first.claim());
  EXPECT_TRUE(first.is_usable());
  const auto refused = second.claim();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, fault::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("in use by another instance"));
  EXPECT_FALSE(second.is_usable());
  ASSERT_TRUE(first.claim());
  first = jobs_folder{{root / "elsewhere"}};
  EXPECT_TRUE(second.claim());
}

TEST_F(jobs_folder_test, by_another_path_it_is_the_same_one) {
  ASSERT_TRUE(first.claim());
  fs::create_directory_symlink(root / "jobs", root / "link");
  jobs_folder third{{root / "link"}};
  EXPECT_EQ(third.claim().error().kind, fault::refused);
}

TEST_F(jobs_folder_test, a_lock_that_was_removed_is_taken_anew) {
  ASSERT_TRUE(first.claim());
  fs::remove_all(root / "jobs");
  ASSERT_TRUE(first.claim());
  EXPECT_FALSE(second.claim());
}

TEST_F(jobs_folder_test, without_the_file_of_the_first_a_second_one_is_refused_as_well) {
  ASSERT_TRUE(first.claim());
  fs::remove(root / "jobs" / ".lock");
  EXPECT_EQ(second.claim().error().kind, fault::refused);
  std::ofstream{root / "jobs" / ".lock"} << "somebody's";
  EXPECT_EQ(second.claim().error().kind, fault::refused);
  ASSERT_TRUE(first.claim());
  EXPECT_TRUE(fs::exists(root / "jobs" / ".lock"));
}

TEST_F(jobs_folder_test, trouble_is_not_another_daemon) {
  std::ofstream{root / "jobs"} << "in the way";
  const auto claimed = first.claim();
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().kind, fault::system);
  EXPECT_EQ(first.trouble(), claimed.error().text);
  fs::remove(root / "jobs");
  EXPECT_TRUE(first.claim());
  EXPECT_EQ(first.trouble(), "");
}

TEST_F(jobs_folder_test, a_fifo_in_the_place_of_the_lock_stops_nobody) {
  fs::create_directory(root / "jobs");
  ASSERT_EQ(::mkfifo((root / "jobs" / ".lock").c_str(), 0666), 0);
  EXPECT_EQ(first.claim().error().kind, fault::system);
}

}  // namespace
}  // namespace canaryd::daemon
