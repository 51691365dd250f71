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
    return ids_of(get(store->due_deliveries(
        {.destination = "audit:api", .limit = limit, .busy = std::move(busy), .passed_over = {}})));
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
  EXPECT_THAT(get(store->owned_by_others("default", "other", asked)),
              UnorderedElementsAre("dep-1", "dep-2"));
  EXPECT_THAT(get(store->owned_by_others("default", "owner", asked)), IsEmpty());
}

TEST_F(store_contract, knows_the_deployments_of_platforms_apart) {
  auto there = job_named("there");
  there.spec.platform = "eu";
  get(store->add(there));
  there.canary.deployment_id = "dep-1";
  commit(there.canary);
  auto here = add("here");
  here.deployment_id = "dep-1";
  commit(here);
  EXPECT_THAT(get(store->owned_by_others("default", "here", {"dep-1"})), IsEmpty());
  EXPECT_THAT(get(store->owned_by_others("eu", "there", {"dep-1"})), IsEmpty());
  EXPECT_THAT(get(store->owned_by_others("eu", "other", {"dep-1", "dep-2"})), ElementsAre("dep-1"));
}

TEST_F(store_contract, gives_the_oldest_delivery_of_each_key_the_oldest_first) {
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

TEST_F(store_contract, leaves_out_busy_keys) {
  commit(with_records(add("a"), 2));
  commit(with_records(add("b"), 1));
  EXPECT_THAT(due(10, {"a"}), ElementsAre("uid-b-1"));
  EXPECT_THAT(due(10, {"a", "b"}), IsEmpty());
}

TEST_F(store_contract, goes_on_with_the_next_delivery_once_one_is_delivered_or_refused) {
  commit(with_records(add("a"), 3));
  settle("uid-a-1");
  EXPECT_THAT(due(10), ElementsAre("uid-a-2"));
  settle("uid-a-2", "403: no");
  EXPECT_THAT(due(10), ElementsAre("uid-a-3"));
  EXPECT_EQ(store->undelivered(), 1U);
}

TEST_F(store_contract, settling_a_delivery_twice_changes_nothing) {
  commit(with_records(add("a"), 2));
  settle("uid-a-1");
  settle("uid-a-1", "403: no");
  get(store->settle_delivery(1000, std::nullopt));
  EXPECT_EQ(store->undelivered(), 1U);
  EXPECT_THAT(due(10), ElementsAre("uid-a-2"));
}

TEST_F(store_contract, gives_a_delivery_as_it_was) {
  const auto a = add("a");
  commit(with_records(a, 1));
  const auto found = sqlite_store_test::due();
  ASSERT_EQ(found.size(), 1U);
  const auto expected = delivery_of(a, 1);
  EXPECT_EQ(found.front().id, expected.id);
  EXPECT_EQ(found.front().destination, expected.destination);
  EXPECT_EQ(found.front().kind, expected.kind);
  EXPECT_EQ(found.front().order_key, expected.order_key);
  EXPECT_EQ(found.front().payload, expected.payload);
  EXPECT_EQ(found.front().created_at, expected.created_at);
  EXPECT_EQ(found.front().attempts, 0);
}

TEST_F(store_contract, goes_on_behind_what_is_passed_over) {
  commit(with_records(add("a"), 2));
  const auto first = sqlite_store_test::due().front().sequence;
  const auto behind = get(store->due_deliveries(
      {.destination = "audit:api", .limit = 10, .busy = {}, .passed_over = {first}}));
  EXPECT_THAT(ids_of(behind), ElementsAre("uid-a-2"));
  EXPECT_EQ(store->undelivered(), 2U);
}

TEST_F(store_contract, keeps_the_deliveries_of_each_destination_apart) {
  auto made = with_records(add("a"), 2);
  made.deliveries.push_back(made.deliveries.front());
  made.deliveries.back().destination = "notify:ops";
  commit(made);
  EXPECT_THAT(due(10), ElementsAre("uid-a-1"));
  const auto others = sqlite_store_test::due("notify:ops");
  EXPECT_THAT(ids_of(others), ElementsAre("uid-a-1"));
  get(store->settle_delivery(others.front().sequence, std::nullopt));
  EXPECT_THAT(due(10), ElementsAre("uid-a-1"));
  EXPECT_THAT(sqlite_store_test::due("notify:ops"), IsEmpty());
  EXPECT_THAT(sqlite_store_test::due("audit:file"), IsEmpty());
}

TEST_F(store_contract, knows_the_destinations_that_deliveries_wait_for) {
  EXPECT_THAT(get(store->waiting_destinations()), IsEmpty());
  auto made = with_records(add("a"), 2);
  made.deliveries.back().destination = "audit:api:eu";
  commit(made);
  EXPECT_THAT(get(store->waiting_destinations()), ElementsAre("audit:api", "audit:api:eu"));
  get(store->settle_delivery(sqlite_store_test::due("audit:api:eu").front().sequence, "no"));
  EXPECT_THAT(get(store->waiting_destinations()), ElementsAre("audit:api"));
}

TEST_F(store_contract, counts_attempts_in_vain_and_goes_on_giving_the_delivery) {
  commit(with_records(add("a"), 1));
  for (const std::int64_t count : {1, 2}) {
    get(store->postpone_delivery(sqlite_store_test::due().front().sequence, wall_time{1h}));
    EXPECT_EQ(sqlite_store_test::due().front().attempts, count);
  }
  EXPECT_EQ(store->undelivered(), 1U);
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
