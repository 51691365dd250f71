#include "canaryd/platform/haproxy/info_answer.hpp"

#include <gtest/gtest.h>

namespace canaryd::platform {
namespace {

constexpr std::string_view info =
    "Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nProcess_num: 1\nPid: 17338\nUptime: 0d 0h00m00s\n"
    "Uptime_sec: 0\nnode: vm\nStart_time_sec: 1796041766\nTainted: 0\n\n";

fault fault_of(std::string_view answer) {
  const auto read = read_start(answer);
  EXPECT_FALSE(read) << answer;
  return read ? fault::system : read.error().kind;
}

std::string with(std::string_view old_text, std::string_view new_text) {
  std::string changed{info};
  changed.replace(changed.find(old_text), old_text.size(), new_text);
  return changed;
}

TEST(start, is_the_process_and_its_second) {
  EXPECT_EQ(read_start(info).value_or("none"), "17338@1796041766");
}

TEST(start, of_the_same_process_id_at_another_time_is_another_one) {
  EXPECT_NE(read_start(with("1796041766", "1796041767")).value(), read_start(info).value());
  EXPECT_NE(read_start(with("17338", "17339")).value(), read_start(info).value());
}

TEST(start, is_read_whatever_the_order_of_the_lines) {
  EXPECT_EQ(read_start("Name: HAProxy\nStart_time_sec: 3\nPid: 7\n\n").value_or("none"), "7@3");
}

TEST(start, that_is_missing_or_no_number_is_malformed) {
  EXPECT_EQ(fault_of(with("Pid: ", "Pit: ")), fault::malformed);
  EXPECT_EQ(fault_of(with("Start_time_sec", "Start")), fault::malformed);
  for (const auto* value : {"", "-1", "1 2", "x", "123456789012345678901"})
    EXPECT_EQ(fault_of(with("17338", value)), fault::malformed) << value;
  EXPECT_EQ(fault_of(with("17338", std::string_view{"1\0", 2})), fault::malformed);
  EXPECT_EQ(fault_of("\n"), fault::malformed);
  EXPECT_EQ(fault_of("Unknown command\n\n"), fault::malformed);
}

TEST(start, that_is_not_allowed_to_be_known_is_refused) {
  EXPECT_EQ(fault_of("Permission denied\n\n"), fault::refused);
}

TEST(start, of_an_answer_that_is_cut_off_is_lost) {
  for (std::size_t size = 0; size < info.size(); ++size)
    EXPECT_EQ(fault_of(info.substr(0, size)), fault::lost) << size;
}

}  // namespace
}  // namespace canaryd::platform
