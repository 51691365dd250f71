// Answers the requests of the control socket (reference: "Control API"). Knows nothing about
// sockets: requests and answers are values.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/canary/command.hpp"
#include "canaryd/daemon/config/reload.hpp"
#include "canaryd/daemon/control/control_answer.hpp"
#include "canaryd/daemon/control/event_hub.hpp"
#include "canaryd/daemon/control/peer.hpp"
#include "canaryd/daemon/intake/submission.hpp"
#include "canaryd/daemon/tell/readiness.hpp"
#include "canaryd/net/message.hpp"
#include "canaryd/store/store.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace canaryd::daemon {

// What the routes need from the daemon. All of it must outlive them.
struct control_backend {
  store::store& store;
  event_hub& events;
  // Finds a job that has not ended; null if there is none.
  std::function<const store::job_record*(const std::string&)> find_job;
  // The next of those jobs after an id, in the order of ids; null after the last.
  std::function<const store::job_record*(const std::string&)> next_job;
  // The jobs that have not ended but whose rows cannot be read, by id.
  std::function<const std::map<std::string, store::unreadable_job>&()> unreadable;
  std::function<async::task<canary::command_outcome>(std::string, canary::command)> command;
  std::function<async::task<submission_result>(std::string, std::string)> submit;
  std::function<daemon_status()> status;
  // The metrics in Prometheus' text format, version 0.0.4.
  std::function<std::string()> metrics;
  // Reads the configuration again.
  std::function<reload_outcome()> reload;
};

class control_routes {
 public:
  explicit control_routes(control_backend daemon) : daemon_{std::move(daemon)} {}

  // `from` is the client. If it is unknown, only /metrics, /healthz and /readyz exist.
  async::task<control_answer> answer(net::request asked, std::optional<peer> from);

 private:
  async::task<control_answer> show_job(std::string id);
  async::task<control_answer> show_readings(std::string id);
  async::task<control_answer> submit(std::optional<std::string> name, std::string bytes,
                                     std::string actor);
  async::task<control_answer> give_command(std::string id, canary::command_kind what,
                                           std::string body, std::string actor);
  async::task<control_answer> answer_of(std::string id, canary::command_kind what,
                                        canary::command_outcome outcome);
  async::task<control_answer> refuse_ended(std::string id, canary::command_kind what);
  const store::unreadable_job* find_unreadable(const std::string& id) const;
  control_answer list_jobs() const;
  control_answer listen(std::string job_id);
  control_answer ready() const;
  control_answer reload(const std::string& actor) const;

  control_backend daemon_;
};

}  // namespace canaryd::daemon
