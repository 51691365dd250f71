#include "canaryd/daemon/intake/submission.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store_fixture.hpp"
#include <filesystem>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* job_text = R"({
  "bot_id": "bot_a", "environment_id": "env_b", "version": "2.1.0",
  "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10})";

class open_store_test : public store::sqlite_store_test {
 protected:
  open_store_test() { open(); }
};

class submission_test : public open_store_test {
 protected:
  submission_test() {
    taker.reconfigure({}, {{"default", "https://api.test"}});
    EXPECT_TRUE(make_folders(where));
  }

  // Submits a file, and lets the inbox take it meanwhile.
  submission_result submit(const std::string& name, const std::string& text) {
    std::optional<submission_result> result;
    boost::asio::co_spawn(time.context(), open_ones.submit(name, text),
                          [&](std::exception_ptr, submission_result got) { result = got; });
    time.settle();
    if (takes && !result)
      time.await(taker.take(name + ".json", false));
    time.run();
    return result.value();
  }
  bool incoming_is_empty() const { return fs::is_empty(where.incoming()); }

  std::string obstacle;
  bool takes = true;
  std::vector<std::string> accepted;
  spool where{directory / "jobs"};
  intake taker{where, *store, [] { return std::string{"uid"}; },
               [this](store::job_record job) { accepted.push_back(job.canary.job_id); }};
  submissions open_ones{time.executor(), where, taker, [this] { return obstacle; }};
};

TEST_F(submission_test, a_good_file_becomes_a_job) {
  EXPECT_EQ(submit("orders", job_text), "orders");
  EXPECT_THAT(accepted, testing::ElementsAre("orders"));
  EXPECT_TRUE(fs::exists(where.active() / "orders.json"));
  EXPECT_TRUE(incoming_is_empty());
}

TEST_F(submission_test, what_is_no_job_never_reaches_incoming) {
  const auto result = submit("orders", R"({"bot_id": 7})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, submission_fault::rejected);
  EXPECT_GT(result.error().problems.size(), 3U);
  EXPECT_TRUE(incoming_is_empty());
  EXPECT_TRUE(fs::is_empty(where.rejected()));
}

TEST_F(submission_test, a_name_outside_the_pattern_is_refused) {
  for (const std::string name :
       {"", ".hidden", "../up", "a/b", "a b", "orders.2", "x.result", "x.error.json"}) {
    const auto result = submit(name, job_text);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().kind, submission_fault::bad_name) << name;
    EXPECT_TRUE(incoming_is_empty());
  }
}

TEST_F(submission_test, what_only_the_inbox_can_tell_is_told_as_well) {
  ASSERT_TRUE(submit("orders", job_text));
  const auto again = submit("orders", job_text);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, submission_fault::rejected);
  EXPECT_THAT(again.error().problems.front().message, HasSubstr("has not ended"));
}

TEST_F(submission_test, a_file_that_waits_there_is_not_replaced) {
  ASSERT_TRUE(drop_file(where, "orders.json", "theirs", 0640));
  const auto result = submit("orders", job_text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, submission_fault::conflict);
  EXPECT_EQ(fs::file_size(where.incoming() / "orders.json"), 6U);
}

TEST_F(submission_test, without_room_nothing_is_written) {
  obstacle = "the disk is full";
  const auto result = submit("orders", job_text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, submission_fault::no_room);
  EXPECT_EQ(result.error().detail, "the disk is full");
  EXPECT_TRUE(incoming_is_empty());
}

TEST_F(submission_test, a_file_that_is_not_taken_in_time_stays_where_it_is) {
  takes = false;
  const auto before = async::clock::now();
  const auto result = submit("orders", job_text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, submission_fault::waiting);
  EXPECT_LT(async::clock::now() - before, 30s);
  EXPECT_TRUE(fs::exists(where.incoming() / "orders.json"));
}

TEST_F(submission_test, a_folder_that_is_gone_is_an_error) {
  fs::remove_all(where.incoming());
  const auto result = submit("orders", job_text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, submission_fault::system);
}

TEST_F(submission_test, what_a_killed_daemon_had_not_finished_is_removed_and_nothing_else) {
  for (const auto* name : {".canaryd.orders.json.tmp", ".orders.json.12.tmp", "orders.json"})
    std::ofstream{where.incoming() / name} << "{";
  remove_half_written(where);
  EXPECT_FALSE(fs::exists(where.incoming() / ".canaryd.orders.json.tmp"));
  EXPECT_TRUE(fs::exists(where.incoming() / ".orders.json.12.tmp"));
  EXPECT_TRUE(fs::exists(where.incoming() / "orders.json"));
}

}  // namespace
}  // namespace canaryd::daemon
