// The rows of a former program (tests/simulation/old_state): each is read, and keeps what this one
// does not know when it is written again.
#include "store/store_fixture.hpp"
#include "support/old_state_sql.hpp"

namespace canaryd::store {
namespace {

using testing::IsEmpty;

class old_rows : public sqlite_store_test {
 protected:
  old_rows() {
    connection state{file()};
    state.execute(support::old_state_sql().c_str());
    records_before = all_records();
    // As a program would leave it that knows more than both.
    state.execute("UPDATE jobs SET canary = json_set(canary, '$.from_the_future', 1)");
    EXPECT_TRUE(state.outcome());
    open();
  }

  // What people see who look at the audit records.
  std::string all_records() const {
    return look_in(
        "SELECT group_concat(quote(sequence) || quote(record_id) || quote(job_id) || quote(bot_id)"
        " || quote(deployment_id) || quote(action) || quote(status) || quote(reason) ||"
        " quote(actor) || quote(json(metrics)) || quote(created_at) || quote(delivered_at) ||"
        " quote(refused_at) || quote(refusal), char(10)) "
        "FROM (SELECT * FROM audit_outbox ORDER BY sequence)");
  }

  std::string records_before;
};

TEST_F(old_rows, are_read_and_keep_what_is_unknown_when_they_are_written_again) {
  const auto found = get(store->unfinished_jobs());
  EXPECT_THAT(found.unreadable, IsEmpty());
  EXPECT_EQ(look_in("SELECT count(*) FROM jobs WHERE ended_at IS NULL"),
            std::to_string(found.jobs.size()));
  for (const auto& job : found.jobs)
    get(store->commit({job.canary, {}, {}}));
  EXPECT_EQ(look_in("SELECT count(*) FROM jobs WHERE ended_at IS NULL AND "
                    "json_extract(canary, '$.from_the_future') IS NOT 1"),
            "0");
  // Written by this program they read as they did.
  open();
  const auto again = get(store->unfinished_jobs());
  ASSERT_EQ(again.jobs.size(), found.jobs.size());
  for (std::size_t i = 0; i < found.jobs.size(); ++i)
    EXPECT_EQ(again.jobs[i].canary, found.jobs[i].canary) << found.jobs[i].canary.job_id;
}

TEST_F(old_rows, of_jobs_that_have_ended_are_read_too) {
  connection state{file()};
  auto ended = state.query("SELECT job_id, state FROM jobs WHERE ended_at IS NOT NULL");
  int count = 0;
  for (; ended.next(); ++count) {
    const auto job = get(store->find(std::string{ended.text(0)}));
    ASSERT_TRUE(job) << ended.text(0);
    EXPECT_EQ(to_string(state_of(job->canary)), ended.text(1)) << ended.text(0);
  }
  EXPECT_GT(count, 5);
}

TEST_F(old_rows, of_audit_records_are_deliveries_and_look_as_before) {
  EXPECT_GT(std::ranges::count(records_before, '\n'), 100);
  EXPECT_EQ(all_records(), records_before);
  EXPECT_EQ(look_in("SELECT group_concat(DISTINCT destination || ' ' || kind) FROM deliveries"),
            "audit:api audit_record");
  EXPECT_EQ(
      look_in("SELECT count(*) FROM deliveries WHERE delivered_at IS NULL AND refused_at IS NULL"),
      std::to_string(store->undelivered()));
}

}  // namespace
}  // namespace canaryd::store
