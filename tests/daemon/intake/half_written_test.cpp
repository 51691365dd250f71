#include "canaryd/daemon/intake/spool.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdlib.h>

namespace canaryd::daemon {
namespace {

namespace fs = std::filesystem;

class half_written : public testing::Test {
 protected:
  half_written() {
    auto pattern = (fs::temp_directory_path() / "canaryd-spool-XXXXXX").string();
    where.jobs_dir = ::mkdtemp(pattern.data());
    EXPECT_TRUE(make_folders(where));
  }
  ~half_written() override { fs::remove_all(where.jobs_dir); }

  static void leave(const fs::path& file) { std::ofstream{file} << "half"; }

  spool where;
};

TEST_F(half_written, what_a_killed_daemon_left_half_written_is_removed) {
  leave(where.active() / ".a.json.123.tmp");
  leave(where.done() / ".a.result.json.123.tmp");
  leave(where.rejected() / ".a.error.json.123.tmp");
  remove_half_written(where);
  for (const auto& folder : {where.active(), where.done(), where.rejected()})
    EXPECT_TRUE(fs::is_empty(folder)) << folder;
}

TEST_F(half_written, everything_else_stays) {
  leave(where.incoming() / ".a.json.123.tmp");
  leave(where.active() / "a.json");
  leave(where.done() / "a.result.json");
  leave(where.done() / ".notes.tmp");
  remove_half_written(where);
  EXPECT_TRUE(fs::exists(where.incoming() / ".a.json.123.tmp"));
  EXPECT_TRUE(fs::exists(where.active() / "a.json"));
  EXPECT_TRUE(fs::exists(where.done() / "a.result.json"));
  EXPECT_TRUE(fs::exists(where.done() / ".notes.tmp"));
}

TEST_F(half_written, a_file_written_whole_leaves_nothing_beside_it) {
  ASSERT_TRUE(write_whole(where.done() / "a.json", "{}", 0640));
  EXPECT_EQ(std::distance(fs::directory_iterator{where.done()}, {}), 1);
}

}  // namespace
}  // namespace canaryd::daemon
