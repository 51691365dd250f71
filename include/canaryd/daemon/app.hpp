// The daemon: builds everything from the configuration, top to bottom, and runs until it is
// stopped. Transport, store and chance are given, so that tests run it whole, in virtual time.
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
  // The way to each configured platform; it and the store outlive the app.
  platforms::transport_source transports;
  store::store& store;
  // Evenly spread over [0, 1).
  std::function<double()> random;
  // jobs_dir, where the caller has claimed it already.
  std::shared_ptr<jobs_folder> folder = nullptr;
  // For a database that is removed while it is open; nothing where the store has no file.
  state_guard::restorer restore_state = {};
  file_work audit_work = file_work::on_thread;
};

class app {
 public:
  app(async::executor ex, app_inputs inputs);

  // Resumes what the store has, watches incoming/, and returns once stop() was called and all is
  // ended. Throws what any part of it threw, which is a defect. `on_ready` is called when jobs are
  // resumed and incoming/ is watched.
  async::task<> run(std::function<void()> on_ready = {});

  // Leaves canaries as they are, each named in a warning.
  void stop();

  // What adopt() has to be given for `wanted` to be in force, see merge_reload(). Changes nothing.
  result<config> merge(config wanted, const secrets& keys) const;
  // Takes what merge() gave, without touching running canaries.
  void adopt(config merged, const secrets& keys);
  // Merges and adopts.
  result<void> reconfigure(config wanted, const secrets& keys);

  const config& settings() const { return settings_; }
  // Whether the configuration file is in force: shown by status line, readiness and metrics.
  config_health& configuration() { return configuration_; }

  const supervisor& jobs() const { return supervisor_; }

  // What the control socket asks of this daemon, which outlives whoever has it. `listening` says
  // where it listens.
  control_backend control(std::function<listening_addresses()> listening);
  // What happens, for those who listen.
  event_hub& events() { return events_; }

  // See supervisor::command().
  async::task<canary::command_outcome> command(std::string job_id, canary::command given) {
    return supervisor_.command(std::move(job_id), std::move(given));
  }

  // In a line, for people: how many canaries there are, and how the API does.
  std::string status() const;

  // What Prometheus is told, in its text format.
  std::string metrics_text();
  // For what is measured outside of the app.
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
