// A store in an SQLite file. People may look into it with `sqlite3` while the daemon runs. Its
// tables are in store/sqlite/schema.cpp.
//
// One thread owns the file. It writes all changes that wait in one transaction. If one of them is a
// new job, or a transition that is more than a mere reading, the transaction is synced to disk
// before anyone goes on.
#pragma once

#include "canaryd/store/store.hpp"
#include "canaryd/store/time_anchor.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace canaryd::store {

class writer;
struct kept_members;

// Hooks for tests and the simulation. They are called on the writer's thread, or inline.
struct sqlite_hooks {
  // Called before each transaction. It may set limits of the connection.
  std::function<void(sqlite3*)> before_transaction;
  // Called before each commit. If it does not return 0 (SQLITE_OK), the commit fails with that
  // result code.
  std::function<int(bool synced)> before_commit;
  // Called after each commit. If `synced`, this commit and all before it survive a loss of power.
  std::function<void(bool synced)> committed;
};

struct sqlite_options {
  time_anchor time = system_time_anchor();
  // If true, there is no thread. All work is done in a fixed order at the caller's co_await.
  bool inline_writer = false;
  // If false, nothing waits for the disk. This is for tests that never lose power.
  bool waits_for_disk = true;
  sqlite_hooks hooks;
};

// A corrupt file that was moved out of the way, with its `-wal` and `-shm`.
struct set_aside_state {
  std::filesystem::path file;
  std::string problem;
};

class sqlite_store : public store {
 public:
  sqlite_store(sqlite_options options, std::unique_ptr<writer> opened, std::size_t undelivered,
               std::optional<set_aside_state> set_aside);
  // Writes what waits. The tasks that wait for it resume on the loop afterwards.
  ~sqlite_store() override;

  async::task<result<unfinished>> unfinished_jobs() override;
  async::task<result<std::vector<job_record>>> ended_before_this_boot() override;
  async::task<result<std::optional<job_record>>> find(std::string job_id) override;
  async::task<result<std::vector<judge::reading>>> readings_of(std::string job_id,
                                                               std::size_t limit) override;
  async::task<result<name_history>> history_of(std::string stem) override;
  async::task<result<std::vector<std::string>>> owned_by_others(
      std::string platform, std::string job_id, std::vector<std::string> deployment_ids) override;
  async::task<result<void>> add(job_record accepted) override;
  async::task<result<void>> commit(transition made) override;
  async::task<result<std::vector<delivery>>> due_deliveries(due_question asked) override;
  async::task<result<std::vector<std::string>>> waiting_destinations() override;
  async::task<result<void>> settle_delivery(std::int64_t sequence,
                                            std::optional<std::string> refusal) override;
  async::task<result<void>> postpone_delivery(std::int64_t sequence, wall_time next_at) override;
  std::size_t undelivered() const override { return *undelivered_; }

  // Prunes in small transactions.
  async::task<result<std::size_t>> prune(wall_time older_than) override;

  // Call this if somebody has removed the file while it is open. Writes its whole content to a new
  // file in its place and goes on with that one. If this fails, as fault::system, the store is as
  // it was.
  async::task<result<void>> restore_file();

  // Set if this store began empty because the file was corrupt.
  const std::optional<set_aside_state>& set_aside() const { return set_aside_; }

 private:
  moment now() const;

  sqlite_options options_;
  std::string boot_id_;
  std::optional<set_aside_state> set_aside_;
  // Shared with tasks, because they may end after the store.
  std::shared_ptr<std::size_t> undelivered_;
  // Only the writer uses it.
  std::shared_ptr<kept_members> kept_;
  std::unique_ptr<writer> writer_;
};

// Opens the state, or creates it with mode 0600. Its folder must exist. This call blocks, and is
// the only one that uses the file on the caller's thread. A file that is no database, or that fails
// SQLite's check, is moved to `<file>.corrupt-<UTC time, YYYYMMDDTHHMMSSZ>`, and the store is empty
// (set_aside()). If a newer program has written the state, is_newer_schema() of the error is true
// (store/sqlite/schema.hpp). Other causes may pass, and fail as fault::system. The store must be
// destroyed before the loop.
result<std::unique_ptr<sqlite_store>> open_sqlite_store(async::executor ex,
                                                        const std::filesystem::path& state_db,
                                                        sqlite_options options = {});

}  // namespace canaryd::store
