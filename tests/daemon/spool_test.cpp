// The folders of jobs_dir, made where they are missing.
#include "canaryd/daemon/spool.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>
#include <string>
#include <sys/stat.h>

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

}  // namespace
}  // namespace canaryd::daemon
