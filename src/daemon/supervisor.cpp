#include "canaryd/daemon/supervisor.hpp"

#include "canaryd/daemon/control/job_view.hpp"
#include "canaryd/daemon/intake/settlement.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/job/poll_demand.hpp"
#include "canaryd/text/duration_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

constexpr seconds queue_recheck{10};
// Measured times vary a little around what is just enough.
constexpr double told_stretch = 1.1;
// More canaries than this are counted at a stop instead of being named.
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

supervisor::supervisor(async::executor ex, services world, spool where, supervisor_options options,
                       std::function<void()> on_failure)
    : executor_{ex},
      world_{std::move(world)},
      spool_{std::move(where)},
      options_{options},
      running_{ex, std::move(on_failure)} {}

void supervisor::reconfigure(supervisor_options options) {
  options_ = options;
  start_heads();
}

std::string supervisor::lane_of(const std::string& bot_id,
                                const std::string& environment_id) const {
  // Jobs stay in the lanes that they are in: a change of it counts for those that come then.
  return world_.platform.can().metrics_by_environment ? bot_id + "\n" + environment_id : bot_id;
}

active_jobs supervisor::active() const {
  const bool sequential = std::ranges::any_of(
      jobs_, [](const auto& each) { return job::is_sequential(each.second->job.spec); });
  return {.any = has_jobs() || !unreadable_.empty(), .sequential = sequential};
}

void supervisor::add_unreadable(store::unreadable_job lost) {
  log(severity::critical, topic::job_unreadable,
      "the stored state of a job cannot be read: its canary is left as it is, and nobody watches "
      "it",
      {{"job", lost.job_id},
       {"bot", lost.bot_id},
       {"environment", lost.environment_id},
       {"version", lost.version},
       {"state", lost.state},
       {"deployment", lost.deployment_id},
       {"error", lost.problem}});
  auto held = std::make_shared<entry>();
  held->job.canary.job_id = lost.job_id;
  // Whatever it was, its deployment may be live: deployer_of() is to find it.
  held->job.canary.phase = canary::phases::deploying{};
  held->job.spec.bot_id = lost.bot_id;
  held->job.spec.environment_id = lost.environment_id;
  held->job.spec.version = lost.version;
  held->lane = lane_of(lost.bot_id, lost.environment_id);
  held->started = true;
  lanes_[held->lane].push_back(std::move(held));
  unreadable_.emplace(lost.job_id, std::move(lost));
}

void supervisor::add(store::job_record job, canary::event first) {
  auto added = std::make_shared<entry>(entry{std::move(job), std::move(first), {}, nullptr, false});
  added->lane = lane_of(added->job.spec.bot_id, added->job.spec.environment_id);
  jobs_.emplace(added->job.canary.job_id, added);
  auto& lane = lanes_[added->lane];
  lane.push_back(added);
  // A canary that is live already is watched, whatever the budget says, and whatever else runs: the
  // lanes may have been others when it was deployed.
  if (state_of(added->job.canary) != canary::canary_state::queued)
    return start(added);
  if (lane.size() > 1) {
    auto& canary = added->job.canary;
    const auto& first_id = lane.front()->job.canary.job_id;
    canary.detail =
        fmt::format("waiting for job {} of the same bot{}", first_id,
                    unreadable_.contains(first_id) ? ", whose stored state cannot be read" : "");
    log(severity::info, topic::waiting, canary.detail, {{"job", canary.job_id}});
    return;
  }
  if (waiting_for_budget_.empty() && !must_wait_for_budget(*added))
    start(added);
  else
    waiting_for_budget_.push_back(added->lane);
}

bool supervisor::must_wait_for_budget(entry& candidate) {
  const auto factor = world_.rhythm.stretch_with(job::time_between_polls(candidate.job.spec));
  // One job alone always may: there is nobody to wait for.
  if (factor <= options_.max_stretch || running_.size() == 0)
    return false;
  const auto text = fmt::format(
      "waiting for {}: polls would be stretched {:.1f} times",
      world_.rhythm.lacks_connections() ? "connections to the API" : "the rate budget", factor);
  auto& canary = candidate.job.canary;
  if (!canary.detail.contains("polls would be stretched"))
    log(severity::warning, topic::budget, text, {{"job", canary.job_id}});
  canary.detail = text;
  return true;
}

void supervisor::start(const entry_pointer& candidate) {
  candidate->started = true;
  // What it waited for; a canary that is under way has a detail of its own.
  if (state_of(candidate->job.canary) == canary::canary_state::queued)
    candidate->job.canary.detail.clear();
  world_.rhythm.join(job::time_between_polls(candidate->job.spec));
  announce_stretch(candidate->job.spec.validation_interval);
  candidate->run = std::make_unique<runner>(executor_, world_, candidate->job);
  running_.spawn(run(candidate));
}

void supervisor::announce_stretch(duration interval) {
  const auto factor = world_.rhythm.stretch_of(interval);
  if (factor <= 1.0)
    stretch_announced_ = false;
  if (factor < told_stretch || stretch_announced_)
    return;
  stretch_announced_ = true;
  log(severity::warning, topic::budget,
      fmt::format("poll interval stretched {} → {}", text::format_duration(interval),
                  text::format_duration(stretched(interval, factor))));
}

// What connections and answers take is known only once polls are under way.
void supervisor::announce_stretch() {
  auto shortest = duration::max();
  for (const auto& [id, job] : jobs_) {
    if (job->run)
      shortest = std::min(shortest, job->job.spec.validation_interval);
  }
  if (shortest != duration::max())
    announce_stretch(shortest);
}

async::task<> supervisor::run(entry_pointer candidate) {
  const auto id = candidate->job.canary.job_id;
  co_await candidate->run->run(candidate->first);
  world_.rhythm.leave(job::time_between_polls(candidate->job.spec));
  candidate->run.reset();
  tell_end(candidate->job);
  world_.measures.note_end(state_of(candidate->job.canary), *why_of(candidate->job.canary));
  const auto lane = lanes_.find(candidate->lane);
  std::erase(lane->second, candidate);
  if (lane->second.empty()) {
    lanes_.erase(lane);
  } else {
    waiting_for_budget_.push_back(candidate->lane);
  }
  start_heads();
  co_await settle_files(spool_, candidate->job);
  jobs_.erase(id);
  if (on_room_)
    on_room_();
}

// Starts the first jobs of lanes that wait, in order, as long as the budget allows.
void supervisor::start_heads() {
  while (!waiting_for_budget_.empty()) {
    const auto lane = lanes_.find(waiting_for_budget_.front());
    if (lane != lanes_.end() && !lane->second.front()->started) {
      if (must_wait_for_budget(*lane->second.front()))
        return;
      start(lane->second.front());
    }
    waiting_for_budget_.pop_front();
  }
}

async::task<> supervisor::recheck_queue() {
  for (;;) {
    co_await async::sleep_for(queue_recheck);
    announce_stretch();
    start_heads();
  }
}

void supervisor::tell_end(const store::job_record& ended) {
  const auto& canary = ended.canary;
  const bool is_plain =
      state_of(canary) == canary::canary_state::promoted_to_stable && is_verified(canary) != false;
  log(is_plain ? severity::info : severity::warning, topic_of(state_of(canary)),
      is_verified(canary) == false ? "canary ended, not verified" : "canary ended",
      {{"job", canary.job_id},
       {"bot", ended.spec.bot_id},
       {"environment", ended.spec.environment_id},
       {"version", ended.spec.version},
       {"deployment", canary.deployment_id},
       {"status", to_string(state_of(canary))},
       {"reason", to_string(*why_of(canary))}});
}

const store::job_record* supervisor::find(const std::string& job_id) const {
  const auto found = jobs_.find(job_id);
  return found == jobs_.end() ? nullptr : &found->second->job;
}

const store::job_record* supervisor::next(const std::string& after) const {
  const auto found = jobs_.upper_bound(after);
  return found == jobs_.end() ? nullptr : &found->second->job;
}

const store::job_record* supervisor::deployer_of(const job::job& like) const {
  // The lanes of one bot, whatever metrics were of when its jobs came, follow each other.
  for (auto lane = lanes_.lower_bound(like.bot_id);
       lane != lanes_.end() && lane->first.starts_with(like.bot_id); ++lane) {
    for (const auto& each : lane->second) {
      if (state_of(each->job.canary) != canary::canary_state::queued &&
          each->job.spec.bot_id == like.bot_id && each->job.spec.version == like.version)
        return &each->job;
    }
  }
  return nullptr;
}

async::task<canary::command_outcome> supervisor::command(std::string job_id,
                                                         canary::command given) {
  if (const auto lost = unreadable_.find(job_id); lost != unreadable_.end())
    co_return canary::command_outcome{
        canary::command_fate::refused, why_untouched(lost->second), {}};
  const auto found = jobs_.find(job_id);
  if (found == jobs_.end())
    co_return canary::command_outcome{
        canary::command_fate::unknown_job, "there is no such job", {}};
  const auto job = found->second;
  const auto outcome = canary::judge_command(job->job.canary, given);
  if (outcome.fate != canary::command_fate::done || (job->started && !job->run))
    co_return outcome;
  // What waits its turn needs none to be ended.
  if (!job->started)
    start(job);
  co_return co_await give(job, std::move(given));
}

async::task<canary::command_outcome> supervisor::give(entry_pointer to, canary::command given) {
  struct answer {
    explicit answer(const async::executor& ex) : bell{ex} {}
    async::wakeup bell;
    std::optional<canary::command_outcome> outcome;
  };
  // Shared, because whoever waits may go away, and so may the runner.
  const auto heard = std::make_shared<answer>(executor_);
  to->run->take(given, [heard](canary::command_outcome outcome) {
    heard->outcome = std::move(outcome);
    heard->bell.ring();
  });
  while (!heard->outcome)
    co_await heard->bell.wait();
  co_return *heard->outcome;
}

std::array<std::size_t, canary::state_count> supervisor::counts() const {
  std::array<std::size_t, canary::state_count> by_state{};
  for (const auto& [id, job] : jobs_)
    ++by_state[static_cast<std::size_t>(state_of(job->job.canary))];
  return by_state;
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
         {"bot", job->spec.bot_id},
         {"state", to_string(state_of(job->canary))},
         {"deployment", job->canary.deployment_id}});
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

void supervisor::cancel() {
  // /readyz has said how many there are.
  for (const auto& [id, lost] : unreadable_ | std::views::take(max_named_at_stop))
    log(severity::warning, topic::left_running, "canary left as it is",
        {{"job", id},
         {"bot", lost.bot_id},
         {"state", "unreadable"},
         {"deployment", lost.deployment_id}});
  for (const auto& [id, job] : jobs_) {
    const bool is_saved = !job->run || job->run->tell_unsaved();
    if (canary::is_final(job->job.canary) && !is_saved)
      log(severity::critical, topic::audit_unsaved,
          "canary ended, and its end is not on disk: the next start finds out again",
          {{"job", id}, {"state", to_string(state_of(job->job.canary))}});
  }
  tell_left();
  running_.cancel();
}

}  // namespace canaryd::daemon
