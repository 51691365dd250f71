// Runs the whole daemon for tests, in virtual time over a simulated API in memory: days of canaries
// take milliseconds.
#pragma once

#include <boost/json.hpp>

#include "machine.hpp"
#include <filesystem>
#include <sstream>
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
  // Stops the daemon cleanly. forget() loses state_dir, so that the next start knows nothing.
  void stop() { machine_.stop(); }
  void forget() { machine_.forget(); }
  void crash(loss what = loss::process) { machine_.crash(what); }

  void without_webhook_secret() { machine_.without_webhook_secret(); }

  // A complete job file: the defaults of these tests with `changes`. The defaults are a poll every
  // 30 s for 5 minutes, and the thresholds of the specification's example.
  static boost::json::object job(std::string_view version, boost::json::object changes = {});
  void drop(const std::string& name, const boost::json::object& job);
  void drop_text(const std::string& name, std::string_view text);

  void run_for(duration time) { machine_.run_for(time); }
  // Runs until that job has a result; fails the test after `limit`.
  boost::json::object result_of(const std::string& job_id, duration limit = std::chrono::hours{48});
  bool has_result(const std::string& job_id) const;
  // Runs for a few seconds, and then reads the errors file of a rejected job file.
  std::string errors_of(const std::string& stem);

  std::vector<std::string> files_in(std::string_view folder) const {
    return machine_.files_in(folder);
  }
  std::filesystem::path folder(std::string_view name) const { return machine_.folder(name); }

  machine& host() { return machine_; }
  sim::world& world() { return machine_.world(); }
  const sim::world& world() const { return machine_.world(); }
  sim::memory_transport& transport() { return machine_.transport(); }
  daemon::config& settings() { return machine_.settings(); }
  support::virtual_time& time() { return machine_.time(); }
  sim::moment now() const { return machine_.now(); }
  // `action/status` of a job's audit records, in the order in which they arrived.
  std::vector<std::string> audits_of(std::string_view job_id) const;
  // The number of times that the log has that text so far.
  std::size_t logged(std::string_view text) const;
  std::string log_text() const { return log_.str(); }

 private:
  std::ostringstream log_;
  machine machine_;
};

}  // namespace canaryd::simulation
