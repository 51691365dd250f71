#include "canaryd/daemon/supervisor.hpp"

#include "canaryd/daemon/control/job_json.hpp"
#include "canaryd/daemon/intake/settlement.hpp"
#include "canaryd/daemon/tell/job_log.hpp"
#include "canaryd/job/poll_demand.hpp"

#include <fmt/format.h>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

constexpr seconds queue_recheck{10};

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

platform_access& supervisor::platform_of(const entry& job) const {
  return world_.platforms.of(job.job.spec.platform);
}

std::string supervisor::queue_key_of(const job::job& spec) const {
  const auto key = spec.bot_id + "\n" + spec.platform;
  // If this changes, it counts only for new jobs. The others stay in their queues.
  const auto can = world_.platforms.of(spec.platform).driver().can();
  return can.metrics_by_environment ? key + "\n" + spec.environment_id : key;
}

active_by_platform supervisor::active() const {
  active_by_platform found;
  for (const auto& [id, each] : jobs_) {
    auto& active = found[each->job.spec.platform];
    active.any = true;
    active.sequential = active.sequential || job::is_sequential(each->job.spec);
  }
  // An unreadable job may be on any platform.
  if (!unreadable_.empty()) {
    for (const auto* each : world_.platforms.configured())
      found[each->name()].any = true;
  }
  return found;
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
  // The job may be on any platform, so its bot waits on all of them.
  for (const auto* each : world_.platforms.configured()) {
    auto held = std::make_shared<entry>();
    held->job.canary.job_id = lost.job_id;
    // Its deployment may be live, so deployer_of() must find it.
    held->job.canary.phase = canary::phases::deploying{};
    held->job.spec.platform = each->name();
    held->job.spec.bot_id = lost.bot_id;
    held->job.spec.environment_id = lost.environment_id;
    held->job.spec.version = lost.version;
    held->queue_key = queue_key_of(held->job.spec);
    held->started = true;
    queues_[held->queue_key].push_back(std::move(held));
  }
  unreadable_.emplace(lost.job_id, std::move(lost));
}

void supervisor::add(store::job_record job, canary::event first) {
  auto added = std::make_shared<entry>(entry{std::move(job), std::move(first), {}, nullptr, false});
  added->queue_key = queue_key_of(added->job.spec);
  jobs_.emplace(added->job.canary.job_id, added);
  auto& queue = queues_[added->queue_key];
  queue.push_back(added);
  // A canary that is live must be watched, whatever the budget says. Another one of its queue may
  // run too, because the queues may have been different when it was deployed.
  if (state_of(added->job.canary) != canary::canary_state::queued)
    return start(added);
  if (queue.size() > 1) {
    auto& canary = added->job.canary;
    const auto& first_id = queue.front()->job.canary.job_id;
    canary.detail =
        fmt::format("waiting for job {} of the same bot{}", first_id,
                    unreadable_.contains(first_id) ? ", whose stored state cannot be read" : "");
    log(severity::info, topic::waiting, canary.detail,
        {{"job", canary.job_id}, platform_field(added->job.spec.platform)});
    return;
  }
  auto& waiting = waiting_for_budget_[added->job.spec.platform].queue_keys;
  if (waiting.empty() && !must_wait_for_budget(*added))
    start(added);
  else
    waiting.push_back(added->queue_key);
}

bool supervisor::must_wait_for_budget(entry& candidate) {
  const auto& rhythm = platform_of(candidate).rhythm();
  const auto factor = rhythm.stretch_with(job::time_between_polls(candidate.job.spec));
  // A single job may always start, because there is nobody to wait for.
  if (factor <= options_.max_stretch || !rhythm.has_jobs())
    return false;
  const auto text = fmt::format(
      "waiting for {}: polls would be stretched {:.1f} times",
      rhythm.lacks_connections() ? "connections to the API" : "the rate budget", factor);
  auto& canary = candidate.job.canary;
  if (!canary.detail.contains("polls would be stretched"))
    log(severity::warning, topic::budget, text,
        {{"job", canary.job_id}, platform_field(candidate.job.spec.platform)});
  canary.detail = text;
  return true;
}

void supervisor::start(const entry_pointer& candidate) {
  candidate->started = true;
  // Until now the detail said what the job waits for. A canary under way has its own detail.
  if (state_of(candidate->job.canary) == canary::canary_state::queued)
    candidate->job.canary.detail.clear();
  platform_of(*candidate).rhythm().join(job::time_between_polls(candidate->job.spec));
  announce_stretch(candidate->job.spec.platform, candidate->job.spec.validation_interval);
  candidate->run = std::make_unique<runner>(executor_, world_, candidate->job);
  running_.spawn(run(candidate));
}

async::task<> supervisor::run(entry_pointer candidate) {
  const auto id = candidate->job.canary.job_id;
  co_await candidate->run->run(candidate->first);
  platform_of(*candidate).rhythm().leave(job::time_between_polls(candidate->job.spec));
  candidate->run.reset();
  tell_end(candidate->job);
  world_.measures.note_end(state_of(candidate->job.canary), *why_of(candidate->job.canary));
  const auto queue = queues_.find(candidate->queue_key);
  std::erase(queue->second, candidate);
  if (queue->second.empty()) {
    queues_.erase(queue);
  } else {
    waiting_for_budget_[candidate->job.spec.platform].queue_keys.push_back(candidate->queue_key);
  }
  start_heads();
  co_await settle_files(spool_, candidate->job);
  jobs_.erase(id);
  if (on_room_)
    on_room_();
}

// Starts the first jobs of the waiting queues, in order, as long as the budget allows.
void supervisor::start_heads() {
  for (auto& [platform, waiting] : waiting_for_budget_)
    start_heads(waiting);
}

void supervisor::start_heads(budget_wait& waiting) {
  while (!waiting.queue_keys.empty()) {
    const auto queue = queues_.find(waiting.queue_keys.front());
    if (queue != queues_.end() && !queue->second.front()->started) {
      if (must_wait_for_budget(*queue->second.front()))
        return;
      start(queue->second.front());
    }
    waiting.queue_keys.pop_front();
  }
}

async::task<> supervisor::recheck_queue() {
  for (;;) {
    co_await async::sleep_for(queue_recheck);
    announce_stretch();
    start_heads();
  }
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
  // The keys of all queues of a bot begin with its id, so these queues follow each other.
  for (auto queue = queues_.lower_bound(like.bot_id);
       queue != queues_.end() && queue->first.starts_with(like.bot_id); ++queue) {
    for (const auto& each : queue->second) {
      if (state_of(each->job.canary) != canary::canary_state::queued &&
          each->job.spec.bot_id == like.bot_id && each->job.spec.platform == like.platform &&
          each->job.spec.version == like.version)
        return &each->job;
    }
  }
  return nullptr;
}

async::task<canary::command_outcome> supervisor::command(std::string job_id,
                                                         canary::command given) {
  if (const auto lost = unreadable_.find(job_id); lost != unreadable_.end())
    co_return canary::command_outcome{
        canary::command_effect::refused, why_untouched(lost->second), {}};
  const auto found = jobs_.find(job_id);
  if (found == jobs_.end())
    co_return canary::command_outcome{
        canary::command_effect::unknown_job, "there is no such job", {}};
  const auto job = found->second;
  const auto outcome = canary::judge_command(job->job.canary, given);
  if (outcome.effect != canary::command_effect::done || (job->started && !job->run))
    co_return outcome;
  // A queued job does not have to wait for its turn to be ended.
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
  // It is shared, because the caller and the runner may each go away first.
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

void supervisor::cancel() {
  tell_unreadable();
  tell_unsaved();
  tell_left();
  running_.cancel();
}

}  // namespace canaryd::daemon
