// The whole daemon in virtual time, over a simulated API in memory: days of canaries in
// milliseconds.
#pragma once

#include "canaryd/daemon/app.hpp"
#include "canaryd/sim/memory_transport.hpp"
#include "canaryd/sim/world.hpp"
#include "canaryd/store/sqlite_store.hpp"

#include <boost/json.hpp>

#include "support/virtual_time.hpp"
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::simulation {

class simulated_daemon {
 public:
  explicit simulated_daemon(std::uint64_t seed = 1, sim::world_options played = {});
  ~simulated_daemon();

  // Starts the daemon and runs until it is ready.
  void start();
  // A clean stop. With forget(), the next start knows nothing of what was: a lost state_dir.
  void stop();
  void forget();

  void without_webhook_secret() { has_webhook_secret_ = false; }

  // A complete job file with `changes` over the defaults of these tests: a poll every 30 s for 5
  // minutes, thresholds as in the specification's example.
  static boost::json::object job(std::string_view version, boost::json::object changes = {});
  void drop(const std::string& name, const boost::json::object& job);
  void drop_text(const std::string& name, std::string_view text);

  void run_for(core::duration time) { time_.run_for(time); }
  // Runs until that job has a result; fails the test after `limit`.
  boost::json::object result_of(const std::string& job_id,
                                core::duration limit = std::chrono::hours{48});
  bool has_result(const std::string& job_id) const;
  // The errors file of a rejected job file, once it is there.
  std::string errors_of(const std::string& stem);

  std::vector<std::string> files_in(std::string_view folder) const;
  std::filesystem::path folder(std::string_view name) const { return directory_ / "spool" / name; }

  sim::world& world() { return world_; }
  sim::memory_transport& transport() { return transport_; }
  daemon::config& settings() { return settings_; }
  support::virtual_time& time() { return time_; }
  sim::moment now() const { return {async::clock::now(), async::clock::wall_now()}; }
  // `action/status` of a job's audit records, in the order in which they arrived.
  std::vector<std::string> audits_of(std::string_view job_id) const;
  // How many times the log has that text so far.
  std::size_t logged(std::string_view text) const;
  std::string log_text() const { return log_.str(); }

 private:
  std::filesystem::path directory_;
  support::virtual_time time_;
  std::mt19937_64 engine_;
  sim::world world_;
  sim::memory_transport transport_;
  std::unique_ptr<store::sqlite_store> store_;
  daemon::config settings_;
  std::ostringstream log_;
  std::unique_ptr<daemon::app> app_;
  bool has_webhook_secret_ = true;
  bool ended_ = true;
};

}  // namespace canaryd::simulation
