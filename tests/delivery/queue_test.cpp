#include "canaryd/delivery/queue.hpp"

#include "canaryd/async/clock.hpp"

#include "store/store_fixture.hpp"
#include <algorithm>
#include <functional>
#include <map>

namespace canaryd::delivery {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// Takes a second for each, and does as it is told.
class scripted_sink final : public sink {
 public:
  result<void> check(const store::delivery& what) const override {
    if (what.payload == "?")
      return std::unexpected{error{.kind = fault::malformed, .text = "a question mark"}};
    return {};
  }

  async::task<result<void>> deliver(store::delivery what) override {
    most_at_once = std::max(most_at_once, ++at_once);
    co_await async::sleep_for(1s);
    --at_once;
    ++attempts;
    if (const auto problem = problems.find(what.order_key); problem != problems.end())
      co_return std::unexpected{error{.kind = problem->second, .text = "no"}};
    if (is_down)
      co_return std::unexpected{error{.kind = fault::unreachable, .text = "down"}};
    arrived.push_back(what.id);
    co_return result<void>{};
  }

  std::map<std::string, fault> problems;
  bool is_down = false;
  std::vector<std::string> arrived;
  int attempts = 0;
  int at_once = 0;
  int most_at_once = 0;
};

class queue_test : public store::sqlite_store_test {
 protected:
  queue_test() {
    open();
    begin();
  }
  ~queue_test() override { end(); }

  void begin() {
    deliveries.emplace(
        time.executor(), *store, [] { return 0.5; },
        [this](const report& what) { reports.push_back(what); });
    deliveries->add("audit:api", api);
    deliveries->add("notify:ops", ops);
    running.emplace(time.executor());
    running->spawn(deliveries->run());
  }
  void end() {
    if (!running)
      return;
    running->cancel();
    time.await(running->join());
    running.reset();
    deliveries.reset();
  }

  // Deliveries key-1 to key-<count> for that destination.
  void commit(const std::string& key, int count, const std::string& destination = "audit:api",
              const std::string& payload = "{}") {
    if (!known.contains(key))
      get(store->add(store::job_named(key)));
    store::transition made;
    made.canary = store::job_named(key).canary;
    for (int i = 0; i < count; ++i)
      made.deliveries.push_back({.id = key + "-" + std::to_string(++known[key]),
                                 .destination = destination,
                                 .kind = "audit_record",
                                 .order_key = key,
                                 .payload = payload,
                                 .created_at = {}});
    get(store->commit(std::move(made)));
    deliveries->wake(destination);
  }

  template <class T>
  std::vector<T> told() const {
    std::vector<T> all;
    for (const auto& each : reports) {
      if (const auto* one = std::get_if<T>(&each))
        all.push_back(*one);
    }
    return all;
  }

  scripted_sink api;
  scripted_sink ops;
  std::map<std::string, int> known;
  std::vector<report> reports;
  std::optional<queue> deliveries;
  std::optional<async::task_group> running;
};

TEST_F(queue_test, delivers_in_order_for_each_key_and_several_keys_at_once) {
  commit("a", 3);
  commit("b", 1);
  time.run_for(1500ms);
  EXPECT_THAT(api.arrived, ElementsAre("a-1", "b-1"));
  time.run_for(10s);
  EXPECT_THAT(api.arrived, ElementsAre("a-1", "b-1", "a-2", "a-3"));
  EXPECT_EQ(store->undelivered(), 0U);
  EXPECT_THAT(reports, IsEmpty());
}

TEST_F(queue_test, has_eight_on_their_way_to_a_destination_at_most) {
  for (int i = 0; i < 20; ++i)
    commit("job_" + std::to_string(i), 1);
  time.run_for(10s);
  EXPECT_EQ(api.most_at_once, 8);
  EXPECT_THAT(api.arrived, SizeIs(20));
}

TEST_F(queue_test, passes_over_what_is_refused_for_good) {
  api.problems["a"] = fault::refused;
  commit("a", 1);
  time.run_for(5s);
  api.problems.clear();
  commit("a", 1);
  time.run_for(5s);
  EXPECT_THAT(api.arrived, ElementsAre("a-2"));
  ASSERT_THAT(told<refused>(), SizeIs(1));
  EXPECT_EQ(told<refused>().front().what.id, "a-1");
  EXPECT_EQ(look_in("SELECT refusal FROM deliveries WHERE id = 'a-1'"), "no");
  EXPECT_EQ(store->undelivered(), 0U);
}

TEST_F(queue_test, keeps_what_cannot_be_read_and_goes_on_behind_it) {
  commit("a", 2, "audit:api", "?");
  commit("a", 1);
  time.run_for(5s);
  EXPECT_THAT(api.arrived, ElementsAre("a-3"));
  EXPECT_THAT(told<unreadable>(), SizeIs(2));
  EXPECT_EQ(told<unreadable>().front().problem.text, "a question mark");
  EXPECT_EQ(deliveries->unreadable(), 2U);
  EXPECT_EQ(store->undelivered(), 2U);
  // Another version of the program can.
  end();
  look_in("UPDATE deliveries SET payload = '{}' WHERE payload = '?'");
  begin();
  time.run_for(5s);
  EXPECT_THAT(api.arrived, ElementsAre("a-3", "a-1", "a-2"));
}

TEST_F(queue_test, lasts_through_an_outage_which_is_told_of_once) {
  api.is_down = true;
  commit("a", 2);
  commit("b", 1);
  time.run_for(1h);
  EXPECT_THAT(api.arrived, IsEmpty());
  ASSERT_THAT(told<delayed>(), SizeIs(1));
  EXPECT_EQ(told<delayed>().front().destination, "audit:api");
  EXPECT_EQ(told<delayed>().front().problem.text, "down");
  // Not more often than twice a minute, once it has lasted.
  EXPECT_LT(api.attempts, 140);
  EXPECT_NE(look_in("SELECT attempts FROM deliveries WHERE id = 'a-1'"), "0");
  EXPECT_NE(look_in("SELECT next_at FROM deliveries WHERE id = 'a-1'"), "");
  api.is_down = false;
  time.run_for(2min);
  EXPECT_THAT(api.arrived, UnorderedElementsAre("a-1", "a-2", "b-1"));
  EXPECT_LT(std::ranges::find(api.arrived, "a-1"), std::ranges::find(api.arrived, "a-2"));
  EXPECT_EQ(look_in("SELECT next_at FROM deliveries WHERE id = 'a-1'"), "");
}

TEST_F(queue_test, a_destination_that_is_down_holds_up_no_other) {
  api.is_down = true;
  commit("a", 1);
  commit("b", 3, "notify:ops");
  time.run_for(5s);
  EXPECT_THAT(ops.arrived, ElementsAre("b-1", "b-2", "b-3"));
}

TEST_F(queue_test, a_key_that_always_fails_holds_up_no_other) {
  api.problems["a"] = fault::try_again;
  commit("a", 2);
  for (int i = 0; i < 20; ++i)
    commit("job_" + std::to_string(i), 2);
  time.run_for(5min);
  EXPECT_THAT(api.arrived, SizeIs(40));
  EXPECT_EQ(store->undelivered(), 2U);
}

TEST_F(queue_test, what_waits_for_a_destination_that_nobody_listens_to_goes_on_waiting) {
  commit("a", 1, "audit:file");
  commit("b", 1);
  time.run_for(5s);
  EXPECT_THAT(api.arrived, ElementsAre("b-1"));
  EXPECT_EQ(store->undelivered(), 1U);
  EXPECT_THAT(reports, IsEmpty());
  // The next run says so, once.
  end();
  begin();
  commit("c", 1, "audit:file");
  time.run_for(5s);
  ASSERT_THAT(reports, SizeIs(1));
  ASSERT_THAT(told<unattended>(), SizeIs(1));
  EXPECT_EQ(told<unattended>().front().destination, "audit:file");
}

TEST_F(queue_test, a_destination_can_be_added_while_it_runs) {
  commit("a", 2, "audit:file");
  time.run_for(5s);
  scripted_sink file;
  deliveries->add("audit:file", file);
  time.run_for(5s);
  EXPECT_THAT(file.arrived, ElementsAre("a-1", "a-2"));
  // The first sink is the one that counts.
  deliveries->add("audit:file", ops);
  commit("a", 1, "audit:file");
  time.run_for(5s);
  EXPECT_THAT(file.arrived, ElementsAre("a-1", "a-2", "a-3"));
  end();
}

TEST_F(queue_test, what_was_cut_short_is_delivered_after_a_restart) {
  commit("a", 1);
  time.run_for(500ms);
  end();
  EXPECT_THAT(api.arrived, IsEmpty());
  begin();
  time.run_for(5s);
  EXPECT_THAT(api.arrived, ElementsAre("a-1"));
}

}  // namespace
}  // namespace canaryd::delivery
