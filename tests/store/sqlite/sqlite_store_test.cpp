#include "canaryd/store/sqlite/schema.hpp"

#include "store/store_fixture.hpp"
#include <sys/stat.h>

namespace canaryd::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

job_record full_record() {
  auto made = job_named("nightly.2", "nightly");
  made.canary = support::full_canary();
  return made;
}

TEST_F(sqlite_store_test, a_job_survives_a_restart_whole) {
  open();
  const auto kept = full_record();
  get(store->add(kept));
  open();
  const auto jobs = get(store->unfinished_jobs()).jobs;
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_EQ(jobs.front().stem, kept.stem);
  EXPECT_EQ(jobs.front().digest, kept.digest);
  EXPECT_EQ(jobs.front().base_url, kept.base_url);
  EXPECT_EQ(jobs.front().source, kept.source);
  EXPECT_EQ(jobs.front().spec, kept.spec);
  EXPECT_EQ(jobs.front().canary, kept.canary);
  EXPECT_FALSE(store->set_aside());
}

TEST_F(sqlite_store_test, a_file_that_is_removed_while_it_is_open_can_be_written_again) {
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    open();
    get(store->add(job_named(std::string{"before"} + suffix)));
    std::filesystem::remove(file().string() + suffix);
    get(store->restore_file());
    get(store->add(job_named(std::string{"after"} + suffix)));
    EXPECT_EQ(get(store->find(std::string{"before"} + suffix))->canary.job_id,
              std::string{"before"} + suffix);
  }
  open();
  EXPECT_THAT(get(store->unfinished_jobs()).jobs, SizeIs(6));
  EXPECT_FALSE(std::filesystem::exists(file().string() + ".new"));
  struct stat about{};
  ASSERT_EQ(::stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(sqlite_store_test, a_transition_survives_a_restart_whole) {
  open();
  get(store->add(job_named("nightly.2", "nightly")));
  auto made = with_records(support::full_canary(), 2);
  made.readings = {{1, *made.canary.newest}};
  get(store->commit(made));
  open();
  EXPECT_EQ(get(store->unfinished_jobs()).jobs.front().canary, made.canary);
  EXPECT_EQ(store->undelivered(), 2U);
  EXPECT_THAT(ids_of(due()), ElementsAre("uid-1-123"));
  EXPECT_EQ(get(store->owned_by_others("default", "other", {"dep-1", "dep-2"})).size(), 2U);
}

TEST_F(sqlite_store_test, a_reading_is_a_row_that_people_can_read) {
  open();
  get(store->add(job_named("nightly.2", "nightly")));
  auto canary = support::full_canary();
  auto& error_rate = canary.newest->metrics.front();
  error_rate = {"error_rate", 0.0625, 0.05, judge::verdict::breach};
  transition made{canary, {}, {{1, *canary.newest}}, true};
  get(store->commit(made));
  EXPECT_EQ(look_in("SELECT at || ' ' || verdict || ' ' || source || ' ' || window_s || ' ' || "
                    "conversations FROM readings WHERE job_id = 'nightly.2'"),
            "2023-11-14T22:13:21.250Z breach merged 1020.0 1234");
  EXPECT_EQ(look_in("SELECT metrics FROM readings"),
            R"({"error_rate":{"value":0.0625,"limit":0.05,"verdict":"breach"},)"
            R"("satisfaction_score":{"value":null,"limit":3.5,"verdict":"no_data"}})");
}

TEST_F(sqlite_store_test, a_job_is_a_row_that_people_can_read) {
  open();
  get(store->add(full_record()));
  EXPECT_EQ(look_in("SELECT job_id || ' ' || state || ' ' || deployment_id || ' ' || started_at "
                    "FROM jobs WHERE ended_at IS NULL"),
            "nightly.2 observing dep-1 2023-11-14T22:13:20.001Z");
  EXPECT_EQ(look_in("SELECT accepted_at FROM jobs"), "2024-10-04T00:00:00.000Z");
}

TEST_F(sqlite_store_test, a_commit_that_is_repeated_changes_nothing_more) {
  open();
  get(store->add(job_named("nightly.2", "nightly")));
  auto made = with_records(support::full_canary(), 2);
  made.readings = {{1, *made.canary.newest}};
  get(store->commit(made));
  get(store->commit(made));
  EXPECT_EQ(store->undelivered(), 2U);
  EXPECT_EQ(look_in("SELECT count(*) FROM readings"), "1");
}

TEST_F(sqlite_store_test, a_commit_for_a_job_that_was_never_added_is_an_error_and_changes_nothing) {
  open();
  auto made = with_records(support::full_canary(), 1);
  EXPECT_EQ(error_of(store->commit(made)).text, "the state has no job with the id nightly.2");
  EXPECT_EQ(store->undelivered(), 0U);
  EXPECT_EQ(look_in("SELECT count(*) FROM deliveries"), "0");
}

TEST_F(sqlite_store_test, a_refused_record_is_kept_with_the_reason) {
  open();
  auto job = job_named("a");
  get(store->add(job));
  get(store->commit(with_records(job.canary, 1)));
  settle("uid-a-1", "403: no");
  open();
  EXPECT_EQ(store->undelivered(), 0U);
  EXPECT_EQ(look_in("SELECT refusal FROM deliveries WHERE refused_at IS NOT NULL"), "403: no");
}

TEST_F(sqlite_store_test, a_job_whose_row_was_spoilt_is_left_out_and_named) {
  open();
  get(store->add(job_named("good")));
  get(store->add(job_named("bad")));
  look_in("UPDATE jobs SET canary = '{\"attempts\":\"x\"}' WHERE job_id = 'bad'");
  EXPECT_THAT(get(store->unfinished_jobs()).jobs, SizeIs(1));
  const auto unreadable = get(store->unfinished_jobs()).unreadable;
  ASSERT_THAT(unreadable, SizeIs(1));
  EXPECT_EQ(unreadable.front().job_id, "bad");
  EXPECT_THAT(unreadable.front().problem, HasSubstr("a stored canary: /attempts"));
}

TEST_F(sqlite_store_test, somebody_may_look_in_while_it_is_written) {
  open();
  get(store->add(job_named("a")));
  connection other{file()};
  auto reading = other.query("SELECT job_id FROM jobs");
  ASSERT_TRUE(reading.next());
  get(store->add(job_named("b")));
  // The one who reads still sees what there was when they began.
  EXPECT_FALSE(reading.next());
  EXPECT_EQ(look_in("SELECT count(*) FROM jobs"), "2");
}

TEST_F(sqlite_store_test, only_its_owner_may_read_the_files) {
  open();
  get(store->add(job_named("a")));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat found{};
    ASSERT_EQ(::stat((file().string() + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 0777U, 0600U) << suffix;
  }
}

// Pruning.

TEST_F(sqlite_store_test, prune_removes_old_ended_jobs_and_what_belongs_to_them) {
  open();
  const wall_time limit{1'700'000'000'000ms};
  auto old = job_named("old");
  old.canary.deployment_id = "dep-old";
  old.canary.newest = support::full_reading();
  get(store->add(old));
  for (int number = 1; number <= 1200; ++number) {
    get(store->commit({old.canary, {}, {{number, *old.canary.newest}}, true}));
  }
  get(store->commit({ended(old.canary, canary::canary_state::rolled_back, limit - 1ms), {}, {}}));
  auto young = job_named("young");
  get(store->add(young));
  get(store->commit({ended(young.canary, canary::canary_state::rolled_back, limit), {}, {}}));
  get(store->add(job_named("live")));
  EXPECT_EQ(get(store->prune(limit)), 1201U);
  EXPECT_EQ(look_in("SELECT group_concat(job_id) FROM (SELECT job_id FROM jobs ORDER BY arrival)"),
            "young,live");
  EXPECT_EQ(look_in("SELECT count(*) FROM readings"), "0");
  EXPECT_THAT(get(store->owned_by_others("default", "live", {"dep-old"})), IsEmpty());
  EXPECT_EQ(get(store->prune(limit)), 0U);
}

TEST_F(sqlite_store_test, prune_keeps_what_waits_or_was_refused) {
  open();
  auto job = job_named("a");
  get(store->add(job));
  auto made = with_records(job.canary, 3);
  made.canary = ended(made.canary, canary::canary_state::rolled_back);
  get(store->commit(made));
  settle("uid-a-1");
  settle("uid-a-2", "403: no");
  const auto later = async::clock::wall_now() + 1h;
  EXPECT_EQ(get(store->prune(later)), 1U);
  EXPECT_EQ(look_in("SELECT count(*) FROM jobs"), "1");
  settle("uid-a-3");
  EXPECT_EQ(get(store->prune(later)), 2U);
  EXPECT_EQ(look_in("SELECT count(*) FROM jobs"), "0");
  EXPECT_EQ(look_in("SELECT group_concat(id) FROM deliveries"), "uid-a-2");
}

TEST_F(sqlite_store_test, runs_are_counted_on_after_the_first_ones_were_pruned) {
  open();
  auto job = job_named("nightly");
  get(store->add(job));
  get(store->commit({ended(job.canary, canary::canary_state::rolled_back), {}, {}}));
  get(store->add(job_named("nightly.2", "nightly")));
  get(store->prune(async::clock::wall_now()));
  EXPECT_EQ(get(store->history_of("nightly")).runs, 2);
}

// Trouble with the file.

TEST_F(sqlite_store_test, a_file_that_is_no_database_is_moved_aside) {
  std::ofstream{file()} << std::string(10'000, 'x');
  std::ofstream{file().string() + "-wal"} << "y";
  open();
  ASSERT_TRUE(store->set_aside());
  EXPECT_EQ(store->set_aside()->file, file().string() + ".corrupt-20241004T000000Z");
  EXPECT_THAT(store->set_aside()->problem, HasSubstr("not a database"));
  EXPECT_EQ(std::filesystem::file_size(store->set_aside()->file), 10'000U);
  EXPECT_THAT(get(store->unfinished_jobs()).jobs, IsEmpty());
  get(store->add(job_named("a")));
}

TEST_F(sqlite_store_test, a_damaged_database_is_moved_aside) {
  open();
  for (int i = 0; i < 50; ++i)
    get(store->add(job_named("job-" + std::to_string(i))));
  store.reset();
  std::fstream damage{file(), std::ios::in | std::ios::out | std::ios::binary};
  damage.seekp(4096);
  damage << std::string(40'960, '\x5a');
  damage.close();
  open();
  ASSERT_TRUE(store->set_aside());
  EXPECT_THAT(get(store->unfinished_jobs()).jobs, IsEmpty());
}

TEST_F(sqlite_store_test, a_second_corrupt_file_within_a_second_does_not_replace_the_first) {
  for (int i = 0; i < 2; ++i) {
    store.reset();
    std::ofstream{file()} << std::string(10'000, 'x');
    open();
  }
  EXPECT_EQ(store->set_aside()->file, file().string() + ".corrupt-20241004T000000Z.2");
}

TEST_F(sqlite_store_test, the_state_of_a_newer_program_is_an_error_of_its_own) {
  open();
  store.reset();
  look_in("PRAGMA user_version = 1000");
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is_newer_schema(opened.error()));
  EXPECT_THAT(opened.error().text, HasSubstr("schema version 1000"));
  EXPECT_EQ(look_in("PRAGMA user_version"), "1000");
}

TEST_F(sqlite_store_test, a_directory_that_is_not_there_is_an_error_that_may_pass) {
  std::filesystem::remove_all(directory);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_FALSE(is_newer_schema(opened.error()));
  EXPECT_THAT(opened.error().text, HasSubstr(file().string()));
}

// Time.

TEST_F(sqlite_store_test, instants_stay_as_they_are_within_a_boot) {
  open();
  get(store->add(full_record()));
  time.clock().advance_to(time.context(), async::clock::now() + 10min);
  time.clock().step_wall(5h);
  open();
  EXPECT_EQ(get(store->unfinished_jobs()).jobs.front().canary, support::full_canary());
}

class after_a_reboot : public sqlite_store_test {
 protected:
  // When the reading that was to be taken a minute after the commit falls due after a restart of
  // the machine, from then on.
  duration due_after(duration downtime_on_the_wall) {
    open();
    auto kept = full_record();
    kept.canary.hold.next_due = async::clock::now() + 1min;
    get(store->add(kept));
    time.clock().step_wall(downtime_on_the_wall);
    boot_id = "boot-2";
    options.time.now = [] { return instant{20s}; };
    open();
    return get(store->unfinished_jobs()).jobs.front().canary.hold.next_due - instant{20s};
  }
};

TEST_F(after_a_reboot, time_that_passed_on_the_wall_has_passed) {
  EXPECT_EQ(due_after(45s), 15s);
}

TEST_F(after_a_reboot, a_deadline_may_be_overdue) {
  EXPECT_EQ(due_after(1h), -59min);
}

TEST_F(after_a_reboot, a_wall_clock_that_went_back_makes_nothing_later) {
  EXPECT_EQ(due_after(-5h), 1min);
}

TEST_F(after_a_reboot, an_unknown_boot_counts_as_another) {
  boot_id = "";
  EXPECT_EQ(due_after(0s), 1min);
}

TEST(shift_between, does_not_leave_its_range_whatever_was_stored) {
  const moment now{"boot-2", instant{20s}, wall_time{1'700'000'000'000ms}};
  for (const auto boot : {instant::min(), instant::max()}) {
    for (const auto wall :
         {wall_time{-62'000'000'000'000ms}, wall_time{}, wall_time{253'000'000'000'000ms}}) {
      const auto shift = shift_between({"boot-1", boot, wall}, now);
      EXPECT_LE(shift, 20s);
      EXPECT_GE(shift, -std::chrono::days{73'001});
    }
  }
}

}  // namespace
}  // namespace canaryd::store
