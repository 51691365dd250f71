// A machine that the whole daemon runs on, in virtual time over a simulated API in memory, with its
// state in a real file. It can be killed between any two things that the daemon does, and started
// again.
#pragma once

#include "canaryd/daemon/app.hpp"
#include "canaryd/sim/memory_transport.hpp"
#include "canaryd/sim/world.hpp"
#include "canaryd/store/sqlite/sqlite_store.hpp"

#include "gate.hpp"
#include "ledger.hpp"
#include "operator_at_work.hpp"
#include "other_version.hpp"
#include "support/virtual_time.hpp"
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::simulation {

enum class loss : std::uint8_t {
  // The process alone dies, as by SIGKILL.
  process,
  // What was not yet synced to disk is gone as well.
  power,
};

// What may be found where a folder should be.
enum class obstacle : std::uint8_t {
  // A link to itself: ELOOP, whoever asks.
  loop,
  // A link to another folder, which the daemon must leave alone.
  link_elsewhere,
  file,
  fifo,
};

class machine {
 public:
  explicit machine(std::uint64_t seed = 1, sim::world_options played = {});
  ~machine();
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  // Starts the daemon and runs until it is ready, or crashes. Throws where it cannot be started.
  void start();
  // A clean stop.
  void stop();
  // Gives the running daemon the settings, as SIGHUP does.
  result<void> reload() { return app_->reconfigure(settings_, keys()); }
  // Gives it settings that are refused while a job is active, and ruin every canary if any part of
  // them comes into force. Nothing where no job is. Throws where they are taken.
  void reload_in_error();
  // Kills the daemon where it is.
  void crash(loss what);
  // Kills it at that point, counted over the machine's whole life; see points().
  void crash_at(std::uint64_t point, loss what);
  bool is_up() const { return app_ != nullptr; }
  std::uint64_t points() const { return gate_.points(); }
  // How often it was killed so far.
  int crashes() const { return crashes_; }

  // Passes time; returns early where the daemon crashes.
  void run_for(duration time) { run_until(async::clock::now() + time); }
  void run_until(instant limit);

  // Puts the machine to sleep for a while; or stops the process alone, as SIGSTOP does: the rest of
  // the world goes on.
  void suspend(duration time);
  // From now on the loop comes to each timer late, by up to that much.
  void slow_down(duration most);

  // The daemon is up, every job has ended, and everything about it has been said.
  bool is_idle() const;
  // What keeps it from being idle, for a person.
  std::string unfinished_business() const;

  // Writes a file elsewhere and renames it into incoming/.
  void drop(const std::string& name, std::string_view text);
  // Gives the daemon a command, and runs until it is answered.
  canary::command_outcome command(const std::string& job_id, canary::command given) {
    return time_.await(app_->command(job_id, std::move(given)));
  }
  // An operator gives that command, and repeats it until it is answered.
  void order(std::string job_id, canary::command_kind what) {
    operator_.order(std::move(job_id), what);
  }
  // The same, once the job is in that state, and until it is done.
  void order_in(std::string_view state, std::string job_id, canary::command_kind what) {
    operator_.order_in(state, std::move(job_id), what);
  }
  // The same without an event that tells of it, as by link(2) and by network file systems.
  void slip_in(const std::string& name, std::string_view text);
  // Puts an obstacle into the place of a folder of jobs_dir, or of jobs_dir itself (""), until all
  // are mended; what is in it is kept. Nothing where it, or jobs_dir, has one already.
  void spoil(const std::string& name, obstacle what);
  void mend_folders();
  // What operators should not put into incoming/: links, FIFOs, folders, temporary names.
  void litter();
  void sweep_up();
  // Copies the file of a job in active/ under another name, where it is there, and removes it.
  void copy_in_active(const std::string& job_id, const std::string& copy);
  void remove_copy(const std::string& copy);
  // Somebody removes the file of the state, or its log, while it is open.
  void remove_state_file(const std::string& suffix);
  // Every write to the state fails with that SQLite code, until it is SQLITE_OK again.
  void fail_disk(int sqlite_code) { disk_fails_with_ = sqlite_code; }
  // The next start knows nothing of what was: a lost state_dir.
  void forget();
  // From now on another version of the program runs between any two of this one, and leaves the
  // state as it stores it.
  void change_versions() { changes_versions_ = true; }
  // From the next start on, one job that has not ended cannot be read; `pick` in [0, 1) says which.
  void hide_a_job(double pick) { wants_hidden_ = pick; }
  // One of a test's choice, by other_version::hide(). Requires that the daemon is down.
  void hide_job(const std::string& job_id, const std::string& change);
  // From the next start on, it can be read again.
  void show_job() { wants_hidden_.reset(); }
  const std::string& hidden_job() const { return other_.hidden_job(); }
  // Somebody changes the state with `sqlite3`.
  void edit_state(const char* sql);
  // The daemon goes on with the state that these statements make, before its first start: the jobs
  // of a daemon that this machine has never run.
  void inherit_state(const std::string& sql);
  // Notes what of another version's keys is lost.
  void check_versions();

  // To be changed before start().
  daemon::config& settings() { return settings_; }
  void without_webhook_secret() { has_webhook_secret_ = false; }

  sim::world& world() { return world_; }
  const sim::world& world() const { return world_; }
  sim::memory_transport& transport() { return transport_; }
  support::virtual_time& time() { return time_; }
  sim::moment now() const { return {async::clock::now(), async::clock::wall_now()}; }
  ledger& seen() { return ledger_; }
  const ledger& seen() const { return ledger_; }
  std::mt19937_64& chance() { return engine_; }
  std::filesystem::path directory() const;
  std::filesystem::path folder(std::string_view name) const { return directory() / "spool" / name; }
  std::vector<std::string> files_in(std::string_view folder) const;
  // What Prometheus would be told now. Requires that the daemon is up.
  std::string metrics_text() { return app_->metrics_text(); }
  // What /readyz would say. Requires that the daemon is up.
  daemon::readiness readiness() { return status().checks; }
  // What /v1/status would say. Requires that the daemon is up.
  daemon::daemon_status status() {
    return app_->control([] { return daemon::listening_places{}; }).status();
  }
  // The body of a GET's answer on the control socket. Requires that the daemon is up.
  std::string ask_control(std::string target);
  // What a job became, from the state on disk. Requires that the daemon is up.
  store::job_record stored_job(const std::string& job_id);

 private:
  // Asks the store without being seen by the gate.
  template <class T>
  T ask(async::task<T> question) {
    time_.on_turn({});
    auto answer = time_.await(std::move(question));
    count_turns();
    return answer;
  }
  void count_turns() {
    // A machine whose daemon is down has nothing to crash.
    time_.on_turn([this] { return is_up() && !gate_.turn(); });
  }
  daemon::secrets keys() const;
  std::filesystem::path whereabouts(const std::string& folder) const;
  void put_into_incoming(const std::string& name, std::string_view text, bool is_announced);
  store::sqlite_options store_options();
  void open_store();
  void visit_of_other_version();
  std::optional<std::size_t> deployments_beside(const std::string& job_id) const;
  void dismantle();
  void lose_power();
  void note_barrier(bool synced);

  std::filesystem::path root_;
  int generation_ = 0;
  int boot_ = 0;
  support::virtual_time time_;
  std::mt19937_64 engine_;
  sim::world world_;
  sim::memory_transport transport_;
  daemon::config settings_;
  bool has_webhook_secret_ = true;
  int disk_fails_with_ = 0;
  // How long the write-ahead log was at the last barrier: what lies behind survives a power loss.
  std::uintmax_t safe_log_size_ = 0;
  std::set<std::string> spoiled_;
  loss planned_loss_ = loss::process;
  int crashes_ = 0;
  other_version other_;
  bool changes_versions_ = false;
  bool has_inherited_ = false;
  std::optional<double> wants_hidden_;
  // When the job was hidden.
  std::optional<std::size_t> deployments_before_;

  gate gate_;
  ledger ledger_;
  gated_transport gated_transport_;
  std::unique_ptr<store::sqlite_store> sqlite_;
  std::unique_ptr<gated_store> gated_store_;
  std::unique_ptr<daemon::app> app_;
  operator_at_work operator_{time_.executor()};
  bool ended_ = true;
  std::exception_ptr defect_;
};

}  // namespace canaryd::simulation
