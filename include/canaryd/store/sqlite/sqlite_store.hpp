// A store in an SQLite file that people may look into with `sqlite3` while the daemon runs; its
// tables are in store/sqlite/schema.hpp.
//
// One thread owns the file. All that waits is written in one transaction; one that has more in it
// than mere readings is synced to disk before anyone goes on.
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

// For tests and the simulation; called on the writer's thread, or inline.
struct sqlite_hooks {
  // Before each transaction; may set limits of the connection.
  std::function<void(sqlite3*)> before_transaction;
  // Before each commit. Anything but 0 (SQLITE_OK) makes it fail with that result code.
  std::function<int(bool synced)> before_commit;
  // After each commit: where `synced`, it and all before it would survive a loss of power.
  std::function<void(bool synced)> committed;
};

struct sqlite_options {
  time_anchor time = system_time_anchor();
  // No thread: all is done while the caller's task is at its co_await, in a fixed order.
  bool inline_writer = false;
  // False: nothing waits for the disk, for tests that never lose power.
  bool waits_for_disk = true;
  sqlite_hooks hooks;
};

// A file that was found unreadable and moved out of the way, with its `-wal` and `-shm`.
struct set_aside_state {
  std::filesystem::path file;
  std::string problem;
};

class sqlite_store : public store {
 public:
  sqlite_store(sqlite_options options, std::unique_ptr<writer> opened, std::size_t undelivered,
               std::optional<set_aside_state> set_aside);
  // Writes what waits; the tasks that wait for it resume afterwards, on the loop.
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

  // In small transactions.
  async::task<result<std::size_t>> prune(wall_time older_than) override;

  // For a file that somebody has removed while it is open: writes all of it to its place, and goes
  // on with that one. After a failure the store is as it was. Errors: fault::system.
  async::task<result<void>> restore_file();

  // Set where this store began empty because the file there was corrupt.
  const std::optional<set_aside_state>& set_aside() const { return set_aside_; }

 private:
  moment now() const;

  sqlite_options options_;
  std::string boot_id_;
  std::optional<set_aside_state> set_aside_;
  // Shared with tasks, which may end after the store.
  std::shared_ptr<std::size_t> undelivered_;
  // Used by the writer alone.
  std::shared_ptr<kept_members> kept_;
  std::unique_ptr<writer> writer_;
};

// Opens the state, or begins it (mode 0600); its directory must be there. Blocks; the only call
// that uses the file on the caller's thread. A file that is no database, or fails SQLite's check,
// is moved to `<file>.corrupt-<UTC time, YYYYMMDDTHHMMSSZ>`, and the store is empty (set_aside()).
// Errors: is_newer_schema() (store/sqlite/schema.hpp); fault::system for whatever may pass.
// The store must be destroyed before the loop.
result<std::unique_ptr<sqlite_store>> open_sqlite_store(async::executor ex,
                                                        const std::filesystem::path& state_db,
                                                        sqlite_options options = {});

}  // namespace canaryd::store
