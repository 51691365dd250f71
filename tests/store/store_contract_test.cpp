// What the interface store::store promises.
#include "store/store_fixture.hpp"

namespace canaryd::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class store_contract : public sqlite_store_test {
 protected:
  store_contract() { open(); }

  canary::canary add(const std::string& id, const std::string& stem) {
    auto made = job_named(id, stem);
    const auto current = made.canary;
    get(store->add(std::move(made)));
    return current;
  }
  canary::canary add(const std::string& id) { return add(id, id); }
  void commit(canary::canary current) { commit(transition{std::move(current), {}, {}}); }
  void commit(transition made) { get(store->commit(std::move(made))); }
  std::vector<std::string> due(std::size_t limit, std::vector<std::string> busy = {}) {
    return ids_of(get(store->due_records(limit, std::move(busy))).records);
  }
  void settle(const std::string& id, std::optional<std::string> refusal = {}) {
    get(store->settle_record(id, std::move(refusal)));
  }
};

TEST_F(store_contract, gives_unfinished_jobs_in_the_order_of_arrival) {
  add("zebra");
  const auto over = add("middle");
  add("ape");
  commit(ended(over, canary::canary_state::failed));
  const auto jobs = get(store->unfinished_jobs()).jobs;
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].canary.job_id, "zebra");
  EXPECT_EQ(jobs[1].canary.job_id, "ape");
  EXPECT_LT(jobs[0].arrival, jobs[1].arrival);
}

TEST_F(store_contract, knows_nothing_of_a_name_that_never_came) {
  const auto history = get(store->history_of("nightly"));
  EXPECT_EQ(history.runs, 0);
  EXPECT_FALSE(history.latest);
  EXPECT_THAT(history.promoted_digests, IsEmpty());
}

TEST_F(store_contract, knows_the_runs_of_a_name) {
  commit(ended(add("nightly"), canary::canary_state::promoted_to_stable));
  commit(ended(add("nightly.2", "nightly"), canary::canary_state::rolled_back));
  add("nightly.3", "nightly");
  add("nightly-too");
  const auto history = get(store->history_of("nightly"));
  EXPECT_EQ(history.runs, 3);
  ASSERT_TRUE(history.latest);
  EXPECT_EQ(history.latest->job_id, "nightly.3");
  EXPECT_EQ(history.latest->source, (file_identity{1, ~0ULL, 3, 4}));
  EXPECT_FALSE(history.latest->has_ended);
  EXPECT_THAT(history.promoted_digests, ElementsAre("digest-nightly"));
}

TEST_F(store_contract, knows_which_deployments_other_jobs_own_also_after_their_end) {
  auto owner = add("owner");
  owner.deployment_id = "dep-1";
  owner.surplus_deployments = {"dep-2"};
  commit(owner);
  owner.surplus_deployments.clear();
  commit(ended(owner, canary::canary_state::rolled_back));
  const std::vector<std::string> asked{"dep-1", "dep-2", "dep-3"};
  EXPECT_THAT(get(store->owned_by_others("other", asked)), UnorderedElementsAre("dep-1", "dep-2"));
  EXPECT_THAT(get(store->owned_by_others("owner", asked)), IsEmpty());
}

TEST_F(store_contract, gives_the_oldest_record_of_each_job_the_oldest_first) {
  const auto a = add("a");
  const auto b = add("b");
  const auto c = add("c");
  commit(with_records(b, 2));
  commit(with_records(a, 2));
  commit(with_records(c, 1));
  EXPECT_EQ(store->undelivered(), 5U);
  EXPECT_THAT(due(10), ElementsAre("uid-b-1", "uid-a-1", "uid-c-1"));
  EXPECT_THAT(due(2), ElementsAre("uid-b-1", "uid-a-1"));
  EXPECT_THAT(due(0), IsEmpty());
}

TEST_F(store_contract, leaves_out_busy_jobs) {
  commit(with_records(add("a"), 2));
  commit(with_records(add("b"), 1));
  EXPECT_THAT(due(10, {"a"}), ElementsAre("uid-b-1"));
  EXPECT_THAT(due(10, {"a", "b"}), IsEmpty());
}

TEST_F(store_contract, goes_on_with_the_next_record_once_one_is_delivered_or_refused) {
  commit(with_records(add("a"), 3));
  settle("uid-a-1");
  EXPECT_THAT(due(10), ElementsAre("uid-a-2"));
  settle("uid-a-2", "403: no");
  EXPECT_THAT(due(10), ElementsAre("uid-a-3"));
  EXPECT_EQ(store->undelivered(), 1U);
}

TEST_F(store_contract, settling_a_record_twice_changes_nothing) {
  commit(with_records(add("a"), 2));
  settle("uid-a-1");
  settle("uid-a-1", "403: no");
  settle("unheard-of");
  EXPECT_EQ(store->undelivered(), 1U);
  EXPECT_THAT(due(10), ElementsAre("uid-a-2"));
}

TEST_F(store_contract, gives_a_record_as_it_was_with_the_api_of_its_job) {
  const auto a = add("a");
  commit(with_records(a, 1));
  const auto due = get(store->due_records(1, {})).records;
  ASSERT_EQ(due.size(), 1U);
  const auto expected = record_of(a, 1);
  const auto& found = due.front().record;
  EXPECT_EQ(due.front().base_url, "https://api.test/a");
  EXPECT_EQ(found.record_id, expected.record_id);
  EXPECT_EQ(found.timestamp, expected.timestamp);
  EXPECT_EQ(found.job_id, expected.job_id);
  EXPECT_EQ(found.bot_id, expected.bot_id);
  EXPECT_EQ(found.deployment_id, expected.deployment_id);
  EXPECT_EQ(found.action, expected.action);
  EXPECT_EQ(found.status, expected.status);
  EXPECT_EQ(found.metrics, expected.metrics);
  EXPECT_EQ(found.actor, expected.actor);
  EXPECT_EQ(found.reason, expected.reason);
}

TEST_F(store_contract, finds_a_job_by_its_id_whether_it_has_ended_or_not) {
  const auto over = add("over");
  add("under_way");
  commit(ended(over, canary::canary_state::rolled_back));
  const auto found = get(store->find("over"));
  ASSERT_TRUE(found);
  EXPECT_EQ(state_of(found->canary), canary::canary_state::rolled_back);
  EXPECT_TRUE(get(store->find("under_way")));
  EXPECT_FALSE(get(store->find("never_seen")));
}

TEST_F(store_contract, gives_the_newest_readings_of_a_job_the_oldest_first) {
  transition made{add("a"), {}, {}};
  for (std::int64_t number = 1; number <= 12; ++number) {
    auto taken = support::full_reading();
    taken.at += std::chrono::seconds{number};
    made.readings.push_back({number, std::move(taken)});
  }
  const auto last = made.readings.back().taken;
  const auto before_last = made.readings[10].taken;
  commit(made);
  EXPECT_THAT(get(store->readings_of("a", 2)), ElementsAre(before_last, last));
  EXPECT_THAT(get(store->readings_of("a", 1000)), testing::SizeIs(12));
  EXPECT_THAT(get(store->readings_of("never_seen", 2)), IsEmpty());
}

}  // namespace
}  // namespace canaryd::store
