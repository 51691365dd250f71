// Rows that another version of the program has written (reference: "Stored rows").
#include "store/store_fixture.hpp"

namespace canaryd::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class versions : public sqlite_store_test {
 protected:
  versions() { open(); }

  // A job that is being watched, and has as many records.
  canary::canary add_live(const std::string& id, int records = 1) {
    auto made = job_named(id);
    auto live = support::full_canary();
    live.job_id = id;
    live.uid = "uid-" + id;
    live.records_made = 0;
    live.deployment_id = "dep-" + id;
    get(store->add(made));
    auto change = with_records(live, records);
    live = change.canary;
    get(store->commit(std::move(change)));
    return live;
  }
  void edit(const std::string& id, const std::string& change) {
    store.reset();
    look_in("UPDATE jobs SET " + change + " WHERE job_id = '" + id + "'");
    open();
  }
  std::string column(const std::string& id, const std::string& what) {
    return look_in("SELECT " + what + " FROM jobs WHERE job_id = '" + id + "'");
  }
  std::string why_unreadable() {
    const auto found = get(store->unfinished_jobs());
    return found.unreadable.empty() ? "" : found.unreadable.front().problem;
  }
};

TEST_F(versions, keeps_what_it_does_not_know_in_every_row_that_it_writes) {
  const auto live = add_live("a");
  edit("a",
       "canary = json_set(canary, '$.from_the_future', json('{\"x\":[1,null]}'), "
       "'$.hold.depth', 3), spec = json_set(spec, '$.from_the_future', 1)");
  const auto found = get(store->unfinished_jobs());
  ASSERT_THAT(found.jobs, SizeIs(1));
  EXPECT_EQ(found.jobs.front().canary, live);
  EXPECT_THAT(found.jobs.front().spec_as_stored, HasSubstr("from_the_future"));
  auto next = live;
  ++next.surplus_failures;
  get(store->commit({next, {}, {}}));
  EXPECT_EQ(column("a", "json_extract(canary, '$.from_the_future')"), R"({"x":[1,null]})");
  EXPECT_EQ(column("a", "json_extract(canary, '$.hold.depth')"), "3");
  EXPECT_EQ(column("a", "json_extract(spec, '$.from_the_future')"), "1");
  get(store->commit({ended(next, canary::canary_state::rolled_back), {}, {}}));
  EXPECT_EQ(column("a", "json_extract(canary, '$.hold.depth')"), "3");
}

TEST_F(versions, reads_a_bound_that_was_wider_and_a_key_that_was_not_there) {
  add_live("a");
  edit("a", "spec = json_remove(json_set(spec, '$.failure_limit', 5000), '$.gate_timeout')");
  const auto found = get(store->unfinished_jobs());
  ASSERT_THAT(found.jobs, SizeIs(1));
  EXPECT_EQ(found.jobs.front().spec.failure_limit, 5000);
  EXPECT_EQ(found.jobs.front().spec.gate_timeout, 24h);
}

TEST_F(versions, tells_of_an_unreadable_job_what_its_columns_say) {
  add_live("good");
  add_live("bad");
  edit("bad", "canary = json_set(canary, '$.state', 'hibernating')");
  const auto found = get(store->unfinished_jobs());
  ASSERT_THAT(found.jobs, SizeIs(1));
  ASSERT_THAT(found.unreadable, SizeIs(1));
  const auto& bad = found.unreadable.front();
  EXPECT_EQ(bad.job_id, "bad");
  EXPECT_EQ(bad.bot_id, "bot_a");
  EXPECT_EQ(bad.environment_id, "env_b");
  EXPECT_EQ(bad.version, "2.1.0");
  EXPECT_EQ(bad.deployment_id, "dep-bad");
  EXPECT_EQ(bad.state, "observing");
  EXPECT_THAT(bad.problem, HasSubstr("/state: found \"hibernating\""));
}

TEST_F(versions, a_row_that_cannot_be_read_is_unreadable_whatever_is_wrong_with_it) {
  add_live("a");
  const auto spec = column("a", "spec");
  const auto canary = column("a", "canary");
  for (const auto& [change, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"canary = json_remove(canary, '$.state')", "/state is missing"},
           {"canary = json_remove(canary, '$.hold.ends')", "has no hold.ends"},
           {"canary = json_remove(canary, '$.hold.next_due')", "has no hold.next_due"},
           {"canary = json_remove(canary, '$.uid')", "has no uid"},
           {"canary = json_set(canary, '$.next_call.what', 'dance')", "/next_call/what"},
           {"canary = 'not JSON'", "not JSON"},
           {"canary = x'00ff'", "not JSON"},
           {"canary = 5", "an object"},
           {"spec = json_set(spec, '$.analysis.method', 'oracle')", "/analysis/method"},
           {"spec = json_remove(spec, '$.bot_id')", "/bot_id"},
           {"spec = ''", "not JSON"},
           {"boot_id = 'boot-0', committed_wall = 'yesterday'", "contradict"},
           {"canary = json_set(canary, '$.state', 'failed', '$.why', 'passed')", "contradict"},
           {"canary = json_set(canary, '$.state', 'failed')", "has no why"}}) {
    edit("a", change);
    EXPECT_THAT(why_unreadable(), HasSubstr(why)) << change;
    connection{file()}.run("UPDATE jobs SET spec = ?, canary = ?, committed_wall = accepted_at",
                           spec, canary);
    EXPECT_EQ(why_unreadable(), "") << change;
  }
}

TEST_F(versions, never_replaces_the_row_of_another_job) {
  add_live("a");
  edit("a", "canary = 'not JSON', stem = 'b'");
  EXPECT_EQ(error_of(store->add(job_named("a"))).text,
            "the state already has another job with the id a");
  EXPECT_EQ(column("a", "canary"), "not JSON");
  auto other = job_named("fresh");
  get(store->add(other));
  get(store->add(other));
  other.canary.uid = "uid-of-another";
  EXPECT_EQ(error_of(store->add(other)).kind, fault::system);
}

TEST_F(versions, an_unreadable_row_still_holds_its_name_and_its_deployment) {
  add_live("nightly");
  edit("nightly", "canary = 'not JSON', spec = 'not JSON'");
  const auto history = get(store->history_of("nightly"));
  ASSERT_TRUE(history.latest);
  EXPECT_FALSE(history.latest->has_ended);
  EXPECT_THAT(get(store->owned_by_others("default", "b", {"dep-nightly"})), SizeIs(1));
}

TEST_F(versions, a_row_of_the_readings_that_cannot_be_read_is_left_out) {
  const auto live = add_live("a");
  transition made{live, {}, {}};
  for (std::int64_t number = 1; number <= 3; ++number)
    made.readings.push_back({number, support::full_reading()});
  get(store->commit(made));
  look_in("UPDATE readings SET verdict = 'maybe' WHERE number = 1");
  look_in("UPDATE readings SET source = 'telepathy' WHERE number = 2");
  const auto found = get(store->readings_of("a", 10));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found.front().source, judge::metrics_source::unknown);
  EXPECT_EQ(found.back(), support::full_reading());
}

TEST_F(versions, an_ended_job_that_cannot_be_read_concerns_nobody_else) {
  get(store->commit({ended(add_live("over"), canary::canary_state::failed), {}, {}}));
  add_live("live");
  edit("over", "canary = 'not JSON'");
  EXPECT_THAT(get(store->unfinished_jobs()).jobs, SizeIs(1));
  EXPECT_THAT(get(store->unfinished_jobs()).unreadable, IsEmpty());
  EXPECT_EQ(get(store->history_of("over")).runs, 1);
  const auto found = time.await(store->find("over"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, fault::malformed);
}

}  // namespace
}  // namespace canaryd::store
