// What the control socket sees of the daemon.
#include "canaryd/daemon/app.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <ranges>
#include <utility>

namespace canaryd::daemon {
namespace {

// Empty where there are none.
std::string tell_unreadable(const std::map<std::string, store::unreadable_job>& jobs) {
  constexpr std::size_t most_named = 5;
  std::string names;
  for (const auto& [id, lost] : jobs | std::views::take(most_named))
    names += (names.empty() ? "" : ", ") + text::printable_excerpt(id, 100);
  if (jobs.empty())
    return names;
  return fmt::format("the stored state of {} cannot be read: {}{}",
                     jobs.size() == 1 ? "a job" : fmt::format("{} jobs", jobs.size()), names,
                     jobs.size() > most_named ? ", …" : "");
}

}  // namespace

control_backend app::control(std::function<listening_places()> listening) {
  return {
      .store = store_,
      .events = events_,
      .find_job = [this](const std::string& id) { return supervisor_.find(id); },
      .next_job = [this](const std::string& after) { return supervisor_.next(after); },
      .unreadable = [this]() -> const auto& { return supervisor_.unreadable(); },
      .command = [this](std::string id,
                        canary::command given) { return command(std::move(id), std::move(given)); },
      .submit =
          [this](std::string name, std::string bytes) {
            return submissions_.submit(std::move(name), std::move(bytes));
          },
      .status = [this, listening = std::move(listening)] { return describe(listening()); },
      .metrics = [this] { return metrics_text(); },
      .reload = {}};
}

readiness app::check() const {
  readiness checks;
  if (!resumed_)
    checks.jobs_resumed = "the jobs of the last run are not resumed yet";
  checks.token = platform_.token_trouble();
  if (!inbox_.is_watching())
    checks.incoming_watched = "incoming/ is not watched: " + inbox_.trouble();
  checks.jobs_dir = place_->trouble();
  if (disk_.is_on())
    checks.state_written = "the state cannot be written";
  else
    checks.state_written = state_guard_.trouble();
  checks.configuration = configuration_.text();
  checks.deploys_known = supervisor_.lost_deploys();
  checks.jobs_readable = tell_unreadable(supervisor_.unreadable());
  if (const auto lost = deliveries_.unreadable(); lost > 0)
    checks.audit_readable = fmt::format(
        "{} cannot be read and {} not delivered",
        lost == 1 ? "a stored audit record" : fmt::format("{} stored audit records", lost),
        lost == 1 ? "is" : "are");
  return checks;
}

daemon_status app::describe(listening_places listening) const {
  const auto now = async::clock::now();
  daemon_status present;
  present.checks = check();
  present.checks.listening = std::move(listening.trouble);
  present.uptime = now - started_at_;
  const auto counts = supervisor_.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts.at(i) > 0)
      present.jobs.emplace_back(to_string(static_cast<canary::canary_state>(i)), counts.at(i));
  }
  if (const auto unreadable = supervisor_.unreadable().size(); unreadable > 0)
    present.jobs.emplace_back("unreadable", unreadable);
  present.queued_records = store_.undelivered();
  present.api = platform_.health().text();
  present.requests_per_second = platform_.budget().polls_per_second();
  present.waiting_calls = platform_.budget().waiting();
  present.stretch = platform_.rhythm().stretch();
  if (const auto obtained = platform_.token_obtained_at())
    present.token_age = now - *obtained;
  present.listening = std::move(listening.open);
  present.configuration = configuration_.view();
  return present;
}

}  // namespace canaryd::daemon
