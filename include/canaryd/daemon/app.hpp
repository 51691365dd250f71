// The daemon. Builds everything from the configuration and runs until it is stopped. Transport,
// store and random numbers are given, so that tests can run the whole daemon in virtual time.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/daemon/abandoned.hpp"
#include "canaryd/daemon/audit_file.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/config_health.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/daemon/control/control_routes.hpp"
#include "canaryd/daemon/control/event_hub.hpp"
#include "canaryd/daemon/intake/inbox.hpp"
#include "canaryd/daemon/intake/intake.hpp"
#include "canaryd/daemon/intake/jobs_folder.hpp"
#include "canaryd/daemon/intake/submission.hpp"
#include "canaryd/daemon/platforms.hpp"
#include "canaryd/daemon/state_guard.hpp"
#include "canaryd/daemon/supervisor.hpp"
#include "canaryd/daemon/tell/metrics.hpp"
#include "canaryd/daemon/tell/readiness.hpp"
#include "canaryd/delivery/queue.hpp"
#include "canaryd/store/store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct app_inputs {
  config settings;
  secrets keys;
  // Gives the transport of each configured platform. The transports and the store must outlive the
  // app.
  platforms::transport_source transports;
  store::store& store;
  // Gives numbers evenly spread over [0, 1).
  std::function<double()> random;
  // jobs_dir, if the caller has claimed it already.
  std::shared_ptr<jobs_folder> folder = nullptr;
  // Writes a database again that was removed while it is open. Empty if the store has no file.
  state_guard::restorer restore_state = {};
  file_work audit_work = file_work::on_thread;
};

class app {
 public:
  app(async::executor ex, app_inputs inputs);

  // Resumes the jobs of the store, watches incoming/, and returns once stop() was called and
  // everything has ended. If any part throws, which is a defect, throws the same. `on_ready` is
  // called when jobs are resumed and incoming/ is watched.
  async::task<> run(std::function<void()> on_ready = {});

  // Stops the daemon and leaves canaries as they are. Warnings name them.
  void stop();

  // Returns the configuration to give to adopt(), so that `wanted` takes effect (merge_reload()).
  // Changes nothing.
  result<config> merge(config wanted, const secrets& keys) const;
  // Takes the result of merge(), without touching running canaries.
  void adopt(config merged, const secrets& keys);
  // Merges and adopts.
  result<void> reconfigure(config wanted, const secrets& keys);

  const config& settings() const { return settings_; }
  // Says whether the configuration file is in force, for status line, readiness and metrics.
  config_health& configuration() { return configuration_; }

  const supervisor& jobs() const { return supervisor_; }

  // Returns what the control socket needs from this daemon, which must outlive it. `listening` says
  // where it listens.
  control_backend control(std::function<listening_addresses()> listening);
  // The events, for those who listen.
  event_hub& events() { return events_; }

  // See supervisor::command().
  async::task<canary::command_outcome> command(std::string job_id, canary::command given) {
    return supervisor_.command(std::move(job_id), std::move(given));
  }

  // Returns one line for people that says how many canaries there are and how the API is doing.
  std::string status() const;

  // Returns the metrics in Prometheus' text format.
  std::string metrics_text();
  // Takes measurements from outside the app.
  metrics& measures() { return measures_; }

 private:
  async::task<> work(std::function<void()> on_ready);
  async::task<> prune_history();
  async::task<> settle_folders(std::vector<store::job_record> ended);
  jobs_under_way make_jobs_under_way() const;
  async::task<> shut_down();
  services make_services();
  void add_sinks();
  daemon_status describe(listening_addresses listening) const;
  readiness check() const;
  std::string obstacle_to_jobs() const;
  void accept(store::job_record job);
  void apply(const secrets& keys);
  std::string api_text() const;

  config settings_;
  config_health configuration_{async::clock::wall_now()};
  store::store& store_;
  std::function<double()> random_;
  async::wakeup bell_;
  bool stopping_ = false;
  std::function<void()> on_failure_;
  metrics measures_;
  platforms platforms_;
  state_alarm alarm_;
  state_guard state_guard_;
  event_hub events_;
  instant started_at_ = async::clock::now();
  bool resumed_ = false;
  audit_file audit_file_;
  delivery::queue deliveries_;
  std::shared_ptr<jobs_folder> folder_;
  spool spool_;
  supervisor supervisor_;
  abandoned abandoned_;
  intake intake_;
  inbox inbox_;
  submissions submissions_;
  async::task_group tasks_;
};

}  // namespace canaryd::daemon
