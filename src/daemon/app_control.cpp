// Shows the daemon to the control socket.
#include "canaryd/daemon/app.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

namespace canaryd::daemon {
namespace {

// Returns an empty text if there are none.
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

// Returns the platform's name, or an empty text if there is only one platform.
std::string of_several(const std::vector<platform_access*>& all, const platform_access& one) {
  return all.size() > 1 ? one.name() + ": " : std::string{};
}

// The values for the whole daemon are those of the usual platform, or of the first one if the usual
// platform is not configured. If there is only one platform, nothing else is shown.
void tell_main_platform(daemon_status& present, const std::string& usual) {
  auto& all = present.platforms;
  auto main = std::ranges::find(all, usual, [](const auto& each) { return each.first; });
  if (main == all.end())
    main = all.begin();
  present.requests_per_second = main->second.requests_per_second;
  present.waiting_calls = main->second.waiting_calls;
  present.stretch = main->second.stretch;
  present.token_age = main->second.token_age;
  if (all.size() == 1)
    all.clear();
}

}  // namespace

control_backend app::control(std::function<listening_addresses()> listening) {
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

std::string app::api_text() const {
  std::string text;
  const auto platforms = platforms_.configured();
  for (const auto* each : platforms)
    text += (text.empty() ? "" : ", ") + of_several(platforms, *each) + each->health().text();
  return text;
}

readiness app::check() const {
  readiness checks;
  if (!resumed_)
    checks.jobs_resumed = "the jobs of the last run are not resumed yet";
  const auto platforms = platforms_.configured();
  for (const auto* each : platforms) {
    const auto trouble = each->token_trouble();
    if (!trouble.empty())
      checks.token += (checks.token.empty() ? "" : "; ") + of_several(platforms, *each) + trouble;
  }
  if (!inbox_.is_watching())
    checks.incoming_watched = "incoming/ is not watched: " + inbox_.trouble();
  checks.jobs_dir = folder_->trouble();
  if (alarm_.is_raised())
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

daemon_status app::describe(listening_addresses listening) const {
  daemon_status present;
  present.checks = check();
  present.checks.listening = std::move(listening.trouble);
  present.uptime = async::clock::now() - started_at_;
  const auto counts = supervisor_.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts.at(i) > 0)
      present.jobs.emplace_back(to_string(static_cast<canary::canary_state>(i)), counts.at(i));
  }
  if (const auto unreadable = supervisor_.unreadable().size(); unreadable > 0)
    present.jobs.emplace_back("unreadable", unreadable);
  present.queued_records = store_.undelivered();
  for (const auto* each : platforms_.configured())
    present.platforms.emplace_back(each->name(), each->status());
  tell_main_platform(present, platforms_.usual());
  present.api = api_text();
  present.listening = std::move(listening.open);
  present.configuration = configuration_.view();
  return present;
}

}  // namespace canaryd::daemon
