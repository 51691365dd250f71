// Writes what the supervisor tells people.
#include "canaryd/daemon/supervisor.hpp"
#include "canaryd/daemon/tell/job_log.hpp"
#include "canaryd/text/duration_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

// A smaller stretch is not reported, because measured times vary a little.
constexpr double told_stretch = 1.1;
// If more canaries than this are left at a stop, they are counted instead of named.
constexpr std::size_t max_named_at_stop = 50;

topic topic_of(canary::canary_state outcome) {
  switch (outcome) {
    case canary::canary_state::promoted_to_stable:
      return topic::promoted;
    case canary::canary_state::rolled_back:
      return topic::rolled_back;
    default:
      return topic::failed;
  }
}

duration stretched(duration interval, double factor) {
  const std::chrono::duration<double, std::milli> exact = factor * interval;
  const std::chrono::milliseconds rounded{std::llround(exact.count())};
  return rounded < seconds{10} ? rounded : std::chrono::round<seconds>(rounded);
}

}  // namespace

void supervisor::announce_stretch(const std::string& platform, duration interval) {
  const auto factor = world_.platforms.of(platform).rhythm().stretch_of(interval);
  auto& is_announced = waiting_for_budget_[platform].stretch_announced;
  if (factor <= 1.0)
    is_announced = false;
  if (factor < told_stretch || is_announced)
    return;
  is_announced = true;
  log(severity::warning, topic::budget,
      fmt::format("poll interval stretched {} → {}", text::format_duration(interval),
                  text::format_duration(stretched(interval, factor))),
      {platform_field(platform)});
}

// Only jobs that run count, because the time of connections and answers is known only from polls.
void supervisor::announce_stretch() {
  std::map<std::string, duration> shortest;
  for (const auto& [id, job] : jobs_) {
    if (!job->run)
      continue;
    const auto interval = job->job.spec.validation_interval;
    const auto [known, is_new] = shortest.emplace(job->job.spec.platform, interval);
    known->second = std::min(known->second, interval);
  }
  for (const auto& [platform, interval] : shortest)
    announce_stretch(platform, interval);
}

void supervisor::tell_end(const store::job_record& ended) {
  const auto& canary = ended.canary;
  const bool is_plain =
      state_of(canary) == canary::canary_state::promoted_to_stable && is_verified(canary) != false;
  log(is_plain ? severity::info : severity::warning, topic_of(state_of(canary)),
      is_verified(canary) == false ? "canary ended, not verified" : "canary ended",
      {{"job", canary.job_id},
       platform_field(ended.spec.platform),
       {"bot", ended.spec.bot_id},
       {"environment", ended.spec.environment_id},
       {"version", ended.spec.version},
       {"deployment", canary.deployment_id},
       {"status", to_string(state_of(canary))},
       {"reason", to_string(*why_of(canary))}});
}

std::string supervisor::lost_deploys() const {
  constexpr std::size_t most_named = 10;
  std::string names;
  std::size_t count = 0;
  for (const auto& [id, job] : jobs_) {
    if (!canary::is_deploy_lost(job->job.spec, job->job.canary) || ++count > most_named)
      continue;
    names += names.empty() ? id : ", " + id;
  }
  if (count > most_named)
    names += fmt::format(" and {} more", count - most_named);
  if (count == 0)
    return names;
  return fmt::format("a deploy may be live and cannot be looked up: {} {}",
                     count == 1 ? "job" : "jobs", names);
}

void supervisor::tell_left() const {
  std::vector<const store::job_record*> left;
  for (const auto& [id, job] : jobs_) {
    if (!canary::is_final(job->job.canary))
      left.push_back(&job->job);
  }
  if (left.size() > max_named_at_stop) {
    log(severity::warning, topic::left_running, "canaries left as they are",
        {{"count", fmt::to_string(left.size())}});
    return;
  }
  for (const auto* job : left)
    log(severity::warning, topic::left_running, "canary left as it is",
        {{"job", job->canary.job_id},
         platform_field(job->spec.platform),
         {"bot", job->spec.bot_id},
         {"state", to_string(state_of(job->canary))},
         {"deployment", job->canary.deployment_id}});
}

void supervisor::tell_unreadable() const {
  // /readyz has said how many there are.
  for (const auto& [id, lost] : unreadable_ | std::views::take(max_named_at_stop))
    log(severity::warning, topic::left_running, "canary left as it is",
        {{"job", id},
         {"bot", lost.bot_id},
         {"state", "unreadable"},
         {"deployment", lost.deployment_id}});
}

void supervisor::tell_unsaved() {
  for (const auto& [id, job] : jobs_) {
    const bool is_saved = !job->run || job->run->tell_unsaved();
    if (canary::is_final(job->job.canary) && !is_saved)
      log(severity::critical, topic::audit_unsaved,
          "canary ended, and its end is not on disk: the next start finds out again",
          {{"job", id},
           platform_field(job->job.spec.platform),
           {"state", to_string(state_of(job->job.canary))}});
  }
}

}  // namespace canaryd::daemon
