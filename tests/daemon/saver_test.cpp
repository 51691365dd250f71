#include "canaryd/daemon/saver.hpp"

#include <gmock/gmock.h>

#include "support/virtual_time.hpp"
#include <chrono>
#include <utility>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;

using testing::ElementsAre;

// Remembers what is committed, and fails while a test wants it to.
class remembering_store final : public store::store {
 public:
  async::task<result<void>> commit(canaryd::store::transition made) override {
    if (fails)
      co_return std::unexpected{error{.kind = fault::system, .text = "disk full"}};
    committed.push_back(std::move(made));
    co_return result<void>{};
  }

  // These are not used here.
  async::task<result<canaryd::store::unfinished>> unfinished_jobs() override {
    co_return canaryd::store::unfinished{};
  }
  async::task<result<std::vector<canaryd::store::job_record>>> ended_before_this_boot() override {
    co_return std::vector<canaryd::store::job_record>{};
  }
  async::task<result<std::optional<canaryd::store::job_record>>> find(std::string) override {
    co_return std::nullopt;
  }
  async::task<result<std::vector<judge::reading>>> readings_of(std::string, std::size_t) override {
    co_return std::vector<judge::reading>{};
  }
  async::task<result<canaryd::store::name_history>> history_of(std::string) override {
    co_return canaryd::store::name_history{};
  }
  async::task<result<std::vector<std::string>>> owned_by_others(std::string, std::string,
                                                                std::vector<std::string>) override {
    co_return std::vector<std::string>{};
  }
  async::task<result<void>> add(canaryd::store::job_record) override { co_return result<void>{}; }
  async::task<result<std::vector<canaryd::store::delivery>>> due_deliveries(
      canaryd::store::due_question) override {
    co_return std::vector<canaryd::store::delivery>{};
  }
  async::task<result<std::vector<std::string>>> waiting_destinations() override {
    co_return std::vector<std::string>{};
  }
  async::task<result<void>> settle_delivery(std::int64_t, std::optional<std::string>) override {
    co_return result<void>{};
  }
  async::task<result<void>> postpone_delivery(std::int64_t, wall_time) override {
    co_return result<void>{};
  }
  async::task<result<std::size_t>> prune(wall_time) override { co_return 0U; }
  std::size_t undelivered() const override { return 0; }

  std::vector<canaryd::store::transition> committed;
  bool fails = false;
};

class saver_test : public testing::Test {
 protected:
  // Makes a step of the canary, with a reading unless it is a decision.
  void take(weight matters) {
    if (matters != weight::decision) {
      current.newest = judge::reading{};
      ++current.readings.pass;
    }
    ++current.calls_made;
    saved.add({current, {}, {}}, matters != weight::decision, matters);
  }

  bool wants_to_write() const { return saved.wants_to_write(async::clock::now()); }

  void write() { time.await(saved.write()); }

  std::vector<std::int64_t> numbers_of(const canaryd::store::transition& made) const {
    std::vector<std::int64_t> numbers;
    for (const auto& each : made.readings)
      numbers.push_back(each.number);
    return numbers;
  }

  support::virtual_time time;
  canaryd::store::job_record job;
  canary::canary& current = job.canary;
  remembering_store disk;
  state_alarm alarm;
  std::vector<std::string> woken;
  std::function<void(const std::string&)> on_records = [this](const std::string& destination) {
    woken.push_back(destination);
  };
  saver::destination_source destinations = [](const std::string& platform) {
    return std::vector<std::string>{platform == "eu" ? "audit:api:eu" : "audit:api"};
  };
  saver saved{job, disk, alarm, destinations, on_records};
};

TEST_F(saver_test, a_decision_is_written_at_once) {
  take(weight::decision);
  EXPECT_TRUE(wants_to_write());
}

TEST_F(saver_test, a_reading_that_changes_counts_is_written_at_once) {
  take(weight::reading);
  EXPECT_TRUE(wants_to_write());
}

TEST_F(saver_test, passes_wait_a_second_and_are_written_together) {
  take(weight::further_pass);
  EXPECT_FALSE(wants_to_write());
  EXPECT_EQ(saved.next_look(async::clock::now()), async::clock::now() + 1s);
  time.run_for(600ms);
  take(weight::further_pass);
  EXPECT_FALSE(wants_to_write());
  time.run_for(400ms);
  ASSERT_TRUE(wants_to_write());
  write();
  ASSERT_EQ(disk.committed.size(), 1U);
  EXPECT_THAT(numbers_of(disk.committed.front()), ElementsAre(1, 2));
  EXPECT_TRUE(disk.committed.front().is_mere_reading);
  EXPECT_TRUE(saved.is_done());
}

TEST_F(saver_test, a_decision_takes_along_what_waits) {
  take(weight::further_pass);
  take(weight::decision);
  ASSERT_TRUE(wants_to_write());
  write();
  EXPECT_THAT(numbers_of(disk.committed.front()), ElementsAre(1));
  EXPECT_FALSE(disk.committed.front().is_mere_reading);
  EXPECT_EQ(disk.committed.front().canary, current);
}

TEST_F(saver_test, passes_that_fill_a_write_wait_no_longer) {
  for (int i = 0; i < 15; ++i)
    take(weight::further_pass);
  EXPECT_FALSE(wants_to_write());
  take(weight::further_pass);
  EXPECT_TRUE(wants_to_write());
}

TEST_F(saver_test, the_records_of_steps_that_are_written_together_are_delivered_in_order) {
  job.base_url = "https://api.test/v1";
  const auto decide = [&](const char* id) {
    canary::audit_record made;
    made.record_id = id;
    made.job_id = "orders";
    saved.add({current, {made}, {}}, false, weight::decision);
  };
  disk.fails = true;
  decide("uid-1");
  write();
  decide("uid-2");
  time.run_for(1s);
  disk.fails = false;
  write();
  ASSERT_EQ(disk.committed.size(), 1U);
  const auto& told = disk.committed.front().deliveries;
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].id, "uid-1");
  EXPECT_EQ(told[1].id, "uid-2");
  EXPECT_EQ(told[1].destination, "audit:api");
  EXPECT_EQ(told[1].order_key, "orders");
  EXPECT_THAT(told[1].payload, testing::HasSubstr("https://api.test/v1"));
  EXPECT_THAT(woken, ElementsAre("audit:api"));
}

TEST_F(saver_test, records_go_to_the_platform_of_the_job) {
  job.spec.platform = "eu";
  canary::audit_record made;
  made.record_id = "uid-1";
  saved.add({current, {made}, {}}, false, weight::decision);
  write();
  EXPECT_EQ(disk.committed.front().deliveries.front().destination, "audit:api:eu");
  EXPECT_THAT(woken, ElementsAre("audit:api:eu"));
}

TEST_F(saver_test, a_record_goes_to_every_sink_that_is_listed) {
  destinations = [](const std::string&) {
    return std::vector<std::string>{"audit:api", "audit:file"};
  };
  canary::audit_record made;
  made.record_id = "uid-1";
  saved.add({current, {made}, {}}, false, weight::decision);
  write();
  const auto& told = disk.committed.front().deliveries;
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].destination, "audit:api");
  EXPECT_EQ(told[1].destination, "audit:file");
  EXPECT_EQ(told[0].payload, told[1].payload);
  EXPECT_THAT(woken, ElementsAre("audit:api", "audit:file"));
}

TEST_F(saver_test, after_a_failure_even_a_decision_waits_for_the_next_attempt) {
  disk.fails = true;
  take(weight::decision);
  write();
  EXPECT_FALSE(wants_to_write());
  take(weight::decision);
  EXPECT_FALSE(wants_to_write());
  EXPECT_TRUE(saved.is_overdue(async::clock::now()));
  time.run_for(1s);
  disk.fails = false;
  ASSERT_TRUE(wants_to_write());
  write();
  EXPECT_EQ(disk.committed.front().canary, current);
  EXPECT_TRUE(saved.is_done());
}

}  // namespace
}  // namespace canaryd::daemon
