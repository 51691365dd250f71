// What a line of the log looks like.
#include "canaryd/daemon/tell/log.hpp"

#include "canaryd/daemon/tell/journal.hpp"
#include "canaryd/daemon/tell/log_outputs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <fcntl.h>
#include <future>
#include <sstream>
#include <unistd.h>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

class log_test : public testing::Test {
 protected:
  ~log_test() override { spdlog::set_default_logger(before_); }

  std::string line_of(std::string_view text, std::initializer_list<field> fields) {
    std::ostringstream out;
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(out);
    sink->set_pattern("%v");
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    log(severity::warning, topic::job_rejected, text, fields);
    return out.str();
  }

 private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST_F(log_test, values_are_quoted_where_they_would_be_taken_for_something_else) {
  EXPECT_EQ(
      line_of("job rejected",
              {{"file", "a.json"}, {"error", "no \"name\" = x"}, {"at", ""}, {"job", "a", false}}),
      "job rejected file=a.json error=\"no \\\"name\\\" = x\" at=\"\"\n");
}

TEST_F(log_test, nothing_in_a_line_makes_a_terminal_do_anything) {
  EXPECT_EQ(line_of("job \x1B[2Jrejected\n", {{"at", "/\x1B]0;owned\x07"},
                                              {"label", "\u009B31m\u202Eevil\u2028\xFF\x7F"},
                                              {"good", "grün"}}),
            "job ?[2Jrejected? at=/?]0;owned? label=?31m?evil??? good=grün\n");
}

TEST_F(log_test, what_is_queued_has_all_that_the_journal_takes) {
  std::promise<log_line> written;
  const auto writer =
      std::make_shared<log_writer>([&written](const log_line& line) { written.set_value(line); });
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", make_queueing_sink(writer)));
  log(severity::critical, topic::rollback_refused, "refused",
      {{"job", "orders"}, {"error", "\x1B[2J", false}});
  ASSERT_TRUE(writer->finish(10s));
  const auto line = written.get_future().get();
  EXPECT_EQ(line.level, severity::critical);
  EXPECT_EQ(line.about, topic::rollback_refused);
  EXPECT_EQ(line.text, "refused job=orders");
  EXPECT_THAT(line.fields, ElementsAre(Pair("job", "orders"), Pair("error", "?[2J")));
}

TEST(write_within, gives_up_where_nobody_reads) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  EXPECT_TRUE(write_within(ends[1], "a line\n", 1s));
  std::array<char, 100> got{};
  EXPECT_EQ(::read(ends[0], got.data(), got.size()), 7);
  EXPECT_FALSE(write_within(ends[1], std::string(1UZ << 20U, 'x'), 20ms));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace canaryd::daemon
