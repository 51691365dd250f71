// How changes reach the disk: transactions, failures, the thread.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <sqlite3.h>

#include "store/store_fixture.hpp"
#include <future>
#include <thread>

namespace canaryd::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// What reached the disk and how.

class barriers : public sqlite_store_test {
 protected:
  barriers() {
    options.hooks.committed = [this](bool synced) { seen.push_back(synced); };
    open();
    get(store->add(job_named("nightly.2", "nightly")));
    seen.clear();
  }

  std::vector<bool> seen;
};

TEST_F(barriers, an_accepted_job_is_synced) {
  get(store->add(job_named("a")));
  EXPECT_THAT(seen, ElementsAre(true));
}

TEST_F(barriers, a_transition_is_synced_unless_it_is_a_mere_reading) {
  get(store->commit({support::full_canary(), {}, {}, true}));
  get(store->commit({support::full_canary(), {}, {}, false}));
  EXPECT_THAT(seen, ElementsAre(false, true));
}

TEST_F(barriers, the_mark_of_a_delivery_is_not_synced) {
  get(store->settle_delivery(1, std::nullopt));
  EXPECT_THAT(seen, ElementsAre(false));
}

TEST_F(barriers, a_delivery_is_one_statement_of_its_transition) {
  int statements = 0;
  options.hooks.before_transaction = [&](sqlite3* file) {
    sqlite3_trace_v2(
        file, SQLITE_TRACE_STMT,
        [](unsigned, void* count, void*, void*) { return ++*static_cast<int*>(count) * 0; },
        &statements);
  };
  open();
  const auto count = [&](int deliveries) {
    statements = 0;
    get(store->commit(with_records(job_named("nightly.2", "nightly").canary, deliveries)));
    return statements;
  };
  seen.clear();
  count(0);
  // BEGIN, the job's row, COMMIT.
  EXPECT_EQ(count(0), 3);
  EXPECT_EQ(count(2), 5);
  EXPECT_THAT(seen, ElementsAre(true, true, true));
}

TEST_F(barriers, a_question_commits_nothing) {
  get(store->unfinished_jobs());
  get(store->history_of("a"));
  due();
  EXPECT_THAT(seen, IsEmpty());
}

// A disk that fails, and comes back.

class disk_trouble : public sqlite_store_test {
 protected:
  disk_trouble() {
    options.hooks.before_transaction = [this](sqlite3* file) {
      sqlite3_exec(file, trouble.c_str(), nullptr, nullptr, nullptr);
    };
    options.hooks.before_commit = [this](bool) { return code; };
    open();
    get(store->add(kept));
  }

  // All of a transition is refused with this text, and goes through once the trouble has passed.
  void expect_nothing_then_recovery(std::string_view text) {
    const auto made = with_records(kept.canary, 2);
    const auto problem = error_of(store->commit(made));
    EXPECT_EQ(problem.kind, fault::system);
    EXPECT_THAT(problem.text, HasSubstr(text));
    EXPECT_THAT(problem.text, HasSubstr(file().string()));
    EXPECT_EQ(store->undelivered(), 0U);
    EXPECT_THAT(get(store->unfinished_jobs()).jobs, SizeIs(1));
    EXPECT_EQ(look_in("SELECT count(*) FROM deliveries"), "0");
    trouble = "PRAGMA query_only = OFF; PRAGMA max_page_count = 1000000";
    code = SQLITE_OK;
    get(store->commit(made));
    EXPECT_EQ(store->undelivered(), 2U);
    EXPECT_EQ(look_in("SELECT count(*) FROM deliveries"), "2");
  }

  std::string trouble;
  int code = SQLITE_OK;
  job_record kept = job_named("a");
};

TEST_F(disk_trouble, a_full_disk_fails_a_transition_whole) {
  trouble = "PRAGMA max_page_count = 1";
  kept.canary.detail = std::string(100'000, 'x');
  expect_nothing_then_recovery("full");
}

TEST_F(disk_trouble, a_read_only_file_fails_a_transition_whole) {
  trouble = "PRAGMA query_only = ON";
  expect_nothing_then_recovery("readonly");
}

TEST_F(disk_trouble, a_commit_that_fails_changes_nothing) {
  for (const int each : {SQLITE_IOERR_FSYNC, SQLITE_FULL, SQLITE_READONLY}) {
    code = each;
    EXPECT_EQ(error_of(store->add(job_named("b"))).kind, fault::system);
  }
  EXPECT_EQ(look_in("SELECT count(*) FROM jobs"), "1");
  code = SQLITE_IOERR_FSYNC;
  expect_nothing_then_recovery("disk I/O error");
}

TEST_F(disk_trouble, a_full_disk_makes_the_log_give_back_what_it_holds) {
  code = SQLITE_FULL;
  error_of(store->add(job_named("b")));
  const auto alone = directory / "alone.db";
  std::filesystem::copy_file(file(), alone);
  connection without_log{alone};
  auto jobs = without_log.query("SELECT count(*) FROM jobs");
  ASSERT_TRUE(jobs.next());
  EXPECT_EQ(jobs.integer(0), 1);
}

TEST_F(disk_trouble, somebody_who_holds_the_file_too_long_fails_a_transition_whole) {
  connection other{file()};
  other.execute("BEGIN IMMEDIATE");
  trouble = "PRAGMA busy_timeout = 1";
  const auto problem = error_of(store->commit(with_records(kept.canary, 1)));
  EXPECT_THAT(problem.text, HasSubstr("locked"));
  other.execute("ROLLBACK");
  get(store->commit(with_records(kept.canary, 1)));
}

// The thread, in real time.

class writer_thread : public folder_test {
 protected:
  writer_thread() {
    options.hooks.before_transaction = [this](sqlite3* file_handle) {
      sqlite3_limit(file_handle, SQLITE_LIMIT_LENGTH, 100'000);
      if (std::exchange(is_first, false)) {
        reached.set_value();
        go_on.get_future().wait();
      }
    };
    options.hooks.before_commit = [this](bool) { return code; };
    options.hooks.committed = [this](bool) { ++transactions; };
    auto opened = open_sqlite_store(loop.get_executor(), file(), options);
    if (!opened)
      throw std::runtime_error{opened.error().text};
    store = *std::move(opened);
  }

  // A commit that is under way until go_on, with whatever is started meanwhile waiting behind it.
  void begin() {
    start(store->add(job_named("first")));
    loop.poll();
    reached.get_future().wait();
  }

  static async::task<> note(writer_thread& test, async::task<result<void>> work) {
    const auto done = co_await std::move(work);
    test.on_the_loop = test.on_the_loop && std::this_thread::get_id() == test.loop_thread;
    test.results.emplace_back(done ? "" : done.error().text);
  }
  void start(async::task<result<void>> work) {
    boost::asio::co_spawn(loop, note(*this, std::move(work)), [](const std::exception_ptr& thrown) {
      if (thrown)
        std::rethrow_exception(thrown);
    });
  }

  boost::asio::io_context loop{1};
  std::thread::id loop_thread = std::this_thread::get_id();
  std::promise<void> reached;
  std::promise<void> go_on;
  bool is_first = true;
  int code = SQLITE_OK;
  int transactions = 0;
  sqlite_options options;
  std::unique_ptr<sqlite_store> store;
  std::vector<std::string> results;
  bool on_the_loop = true;
};

TEST_F(writer_thread, all_that_waits_is_one_transaction) {
  begin();
  for (int i = 0; i < 500; ++i)
    start(store->add(job_named("job-" + std::to_string(i))));
  loop.poll();
  EXPECT_THAT(results, IsEmpty());
  go_on.set_value();
  loop.run();
  EXPECT_EQ(results, std::vector<std::string>(501));
  EXPECT_TRUE(on_the_loop);
  store.reset();
  EXPECT_EQ(transactions, 2);
  EXPECT_EQ(look_in("SELECT count(*) FROM jobs"), "501");
}

TEST_F(writer_thread, changes_of_one_job_are_made_in_order) {
  begin();
  auto current = job_named("first").canary;
  for (int i = 0; i < 100; ++i) {
    std::get<canary::phases::queued>(current.phase).attempts = i;
    start(store->commit(with_records(current, 1)));
    ++current.records_made;
  }
  go_on.set_value();
  loop.run();
  EXPECT_EQ(look_in("SELECT canary ->> 'attempts' FROM jobs"), "99");
  EXPECT_EQ(look_in("SELECT id FROM deliveries ORDER BY sequence DESC"), "uid-first-100");
  EXPECT_EQ(store->undelivered(), 100U);
}

TEST_F(writer_thread, a_transaction_that_fails_fails_for_all_who_wait_for_it) {
  begin();
  for (int i = 0; i < 3; ++i)
    start(store->add(job_named("job-" + std::to_string(i))));
  loop.poll();
  code = SQLITE_FULL;
  go_on.set_value();
  loop.run();
  ASSERT_THAT(results, SizeIs(4));
  for (const auto& result : results)
    EXPECT_THAT(result, HasSubstr("full"));
}

TEST_F(writer_thread, a_change_that_cannot_be_written_harms_no_other) {
  begin();
  auto poisoned = job_named("poisoned");
  poisoned.canary.deployment_id = "dep-1";
  // More than SQLite takes here.
  poisoned.canary.detail = std::string(200'000, 'x');
  start(store->add(job_named("before")));
  start(store->add(std::move(poisoned)));
  start(store->add(job_named("after")));
  go_on.set_value();
  loop.run();
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_THAT(results, testing::Contains(HasSubstr("too big")).Times(1));
  EXPECT_EQ(look_in("SELECT group_concat(job_id) FROM (SELECT job_id FROM jobs ORDER BY arrival)"),
            "first,before,after");
}

TEST_F(writer_thread, what_waits_when_the_store_goes_is_written_and_its_tasks_resume) {
  begin();
  for (int i = 0; i < 5; ++i)
    start(store->commit(with_records(job_named("first").canary, i)));
  loop.poll();
  go_on.set_value();
  store.reset();
  loop.run();
  EXPECT_EQ(results, std::vector<std::string>(6));
  EXPECT_EQ(look_in("SELECT count(*) FROM deliveries"), "4");
}

TEST_F(writer_thread, leaves_the_loop_no_work) {
  go_on.set_value();
  loop.run();
  EXPECT_TRUE(loop.stopped());
}

}  // namespace
}  // namespace canaryd::store
