// What the control socket sees of the daemon.
#include "canaryd/daemon/app.hpp"

#include <utility>

namespace canaryd::daemon {

control_backend app::control(std::vector<std::string> listening) {
  return {
      .store = store_,
      .events = events_,
      .find_job = [this](const std::string& id) { return supervisor_.find(id); },
      .next_job = [this](const std::string& after) { return supervisor_.next(after); },
      .command = [this](std::string id,
                        core::command given) { return command(std::move(id), std::move(given)); },
      .submit =
          [this](std::string name, std::string bytes) {
            return submissions_.submit(std::move(name), std::move(bytes));
          },
      .status = [this, listening = std::move(listening)] { return describe(listening); },
      .metrics = [this] { return metrics_text(); }};
}

readiness app::check() const {
  readiness checks;
  if (!resumed_)
    checks.jobs_resumed = "the jobs of the last run are not resumed yet";
  if (!tokens_.obtained_at())
    checks.token = tokens_.trouble();
  if (!inbox_.is_watching())
    checks.incoming_watched = "incoming/ is not watched: " + inbox_.trouble();
  checks.jobs_dir = place_->trouble();
  if (disk_.is_on())
    checks.state_written = "the state cannot be written";
  else
    checks.state_written = state_guard_.trouble();
  return checks;
}

daemon_status app::describe(const std::vector<std::string>& listening) const {
  const auto now = async::clock::now();
  daemon_status present;
  present.checks = check();
  present.uptime = now - started_at_;
  const auto counts = supervisor_.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts.at(i) > 0)
      present.jobs.emplace_back(core::to_string(static_cast<core::canary_state>(i)), counts.at(i));
  }
  present.queued_records = store_.undelivered();
  present.api = health_.text();
  present.requests_per_second = budget_.polls_per_second();
  present.waiting_calls = budget_.waiting();
  present.stretch = pace_.stretch();
  if (const auto obtained = tokens_.obtained_at())
    present.token_age = now - *obtained;
  present.listening = listening;
  return present;
}

}  // namespace canaryd::daemon
