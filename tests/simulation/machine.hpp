// A machine that runs the whole daemon in virtual time, over a simulated API in memory and with its
// state in a real file. The daemon can be killed between any two things that it does, and started
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
  // Only the process dies, as by SIGKILL.
  process,
  // What was not yet synced to disk is also lost.
  power,
};

// What may be in the place of a folder.
enum class obstacle : std::uint8_t {
  // A link to itself, which gives ELOOP to everybody.
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

  // Starts the daemon and runs until it is ready or crashes. Throws if it cannot be started.
  void start();
  // Stops the daemon cleanly.
  void stop();
  // Gives the running daemon the settings, as SIGHUP does.
  result<void> reload() { return app_->reconfigure(settings_, keys()); }
  // Gives it settings that must be refused while a job is active, and that ruin every canary if any
  // part of them comes into force. Does nothing if no job is active. Throws if they are accepted.
  void reload_in_error();
  // Kills the daemon at once.
  void crash(loss what);
  // Kills it at that point, which is counted over the machine's whole life; see points().
  void crash_at(std::uint64_t point, loss what);
  bool is_up() const { return app_ != nullptr; }
  std::uint64_t points() const { return gate_.points(); }
  // The number of times that it was killed.
  int crashes() const { return crashes_; }

  // Lets time pass; returns early if the daemon crashes.
  void run_for(duration time) { run_until(async::clock::now() + time); }
  void run_until(instant limit);

  // The first puts the machine to sleep for a while. The second stops only the process, as SIGSTOP
  // does, and the rest of the world goes on.
  void suspend(duration time);
  // From now on the loop reaches each timer late, by at most `most`.
  void slow_down(duration most);

  // True if the daemon is up, every job has ended, and everything about them has been reported.
  bool is_idle() const;
  // Says in words why it is not idle.
  std::string unfinished_business() const;

  // Writes a file elsewhere and renames it into incoming/.
  void drop(const std::string& name, std::string_view text);
  // Gives the daemon a command and runs until it is answered.
  canary::command_outcome command(const std::string& job_id, canary::command given) {
    return time_.await(app_->command(job_id, std::move(given)));
  }
  // An operator gives that command and repeats it until it is answered.
  void order(std::string job_id, canary::command_kind what) {
    operator_.order(std::move(job_id), what);
  }
  // The same, but the operator first waits for that state of the job, and repeats the command until
  // it is carried out.
  void order_in(std::string_view state, std::string job_id, canary::command_kind what) {
    operator_.order_in(state, std::move(job_id), what);
  }
  // Like drop(), but without an event, as with link(2) and with network file systems.
  void slip_in(const std::string& name, std::string_view text);
  // Puts an obstacle into the place of a folder of jobs_dir, or of jobs_dir itself (""), until
  // mend_folders(). The contents are kept. Does nothing if it, or jobs_dir, has an obstacle
  // already.
  void spoil(const std::string& name, obstacle what);
  void mend_folders();
  // Puts into incoming/ what operators should not: links, FIFOs, folders, temporary names.
  void litter();
  void sweep_up();
  // Copies the file of a job in active/ to another name, if it is there; the second removes the
  // copy.
  void copy_in_active(const std::string& job_id, const std::string& copy);
  void remove_copy(const std::string& copy);
  // Removes the file of the state, or its log, while it is open.
  void remove_state_file(const std::string& suffix);
  // Makes every write to the state fail with that SQLite code, until it is SQLITE_OK again.
  void fail_disk(int sqlite_code) { disk_fails_with_ = sqlite_code; }
  // Loses state_dir, so that the next start knows nothing.
  void forget();
  // From now on, another version of the program runs between any two runs of this one, and writes
  // the state in its own way.
  void change_versions() { changes_versions_ = true; }
  // From the next start on, one job that has not ended cannot be read. `pick` in [0, 1) says which.
  void hide_a_job(double pick) { wants_hidden_ = pick; }
  // Hides a chosen job with other_version::hide(). Requires that the daemon is down.
  void hide_job(const std::string& job_id, const std::string& change);
  // From the next start on, the hidden job can be read again.
  void show_job() { wants_hidden_.reset(); }
  const std::string& hidden_job() const { return other_.hidden_job(); }
  // Somebody changes the state with `sqlite3`.
  void edit_state(const char* sql);
  // Makes the state with these statements, before the first start: the jobs of a daemon that has
  // never run on this machine.
  void inherit_state(const std::string& sql);
  // Notes which keys of another version are lost.
  void check_versions();

  // Change these before start().
  daemon::config& settings() { return settings_; }
  void without_webhook_secret() { has_webhook_secret_ = false; }
  // Another platform, at https://<name>.test and reached over that transport, which outlives the
  // machine. What is said of calls (points(), seen()) is of the first platform alone.
  void add_platform(const std::string& name, net::transport& way);

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
  // The metrics as Prometheus would get them now. Requires that the daemon is up.
  std::string metrics_text() { return app_->metrics_text(); }
  // What /readyz would say. Requires that the daemon is up.
  daemon::readiness readiness() { return status().checks; }
  // What /v1/status would say. Requires that the daemon is up.
  daemon::daemon_status status() {
    return app_->control([] { return daemon::listening_addresses{}; }).status();
  }
  // The body of the answer to a GET on the control socket. Requires that the daemon is up.
  std::string ask_control(std::string target);
  // Reads a job from the state on disk. Requires that the daemon is up.
  store::job_record stored_job(const std::string& job_id);

 private:
  // Asks the store without passing the gate.
  template <class T>
  T ask(async::task<T> question) {
    time_.on_turn({});
    auto answer = time_.await(std::move(question));
    count_turns();
    return answer;
  }
  void count_turns() {
    // If the daemon is down, there is nothing to crash.
    time_.on_turn([this] { return is_up() && !gate_.turn(); });
  }
  daemon::secrets keys() const;
  net::transport& way_to(const std::string& platform);
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
  std::map<std::string, net::transport*> ways_;
  bool has_webhook_secret_ = true;
  int disk_fails_with_ = 0;
  // The length of the write-ahead log at the last barrier: this part survives a power loss.
  std::uintmax_t safe_log_size_ = 0;
  std::set<std::string> spoiled_;
  loss planned_loss_ = loss::process;
  int crashes_ = 0;
  other_version other_;
  bool changes_versions_ = false;
  bool has_inherited_ = false;
  std::optional<double> wants_hidden_;
  // The number of deployments when the job was hidden.
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
