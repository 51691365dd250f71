#include "canaryd/daemon/supervisor.hpp"

#include "canaryd/core/duration_text.hpp"
#include "canaryd/core/poll_demand.hpp"
#include "canaryd/daemon/log.hpp"
#include "canaryd/daemon/settlement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

constexpr seconds queue_recheck{30};

core::topic topic_of(core::canary_state outcome) {
  switch (outcome) {
    case core::canary_state::promoted_to_stable:
      return core::topic::promoted;
    case core::canary_state::rolled_back:
      return core::topic::rolled_back;
    default:
      return core::topic::failed;
  }
}

core::duration stretched(core::duration interval, double factor) {
  const auto stretched_seconds = std::chrono::duration<double>{interval}.count() * factor;
  return seconds{std::llround(stretched_seconds)};
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
  // Jobs stay in the lanes that they are in: by_environment counts for those that come now.
  options_ = options;
  start_heads();
}

std::string supervisor::lane_of(const core::job& spec) const {
  return options_.by_environment ? spec.bot_id + "\n" + spec.environment_id : spec.bot_id;
}

active_jobs supervisor::active() const {
  const bool sequential = std::ranges::any_of(
      jobs_, [](const auto& each) { return core::is_sequential(each.second->job.spec); });
  return {.any = has_jobs(), .sequential = sequential};
}

void supervisor::add(store::job_record job, core::event first) {
  auto added = std::make_shared<entry>(entry{std::move(job), std::move(first), {}, nullptr, false});
  added->lane = lane_of(added->job.spec);
  jobs_.emplace(added->job.canary.job_id, added);
  auto& lane = lanes_[added->lane];
  lane.push_back(added);
  // A canary that is live already is watched, whatever the budget says, and whatever else runs: the
  // lanes may have been others when it was deployed.
  if (added->job.canary.state != core::canary_state::queued)
    return start(added);
  if (lane.size() > 1) {
    auto& canary = added->job.canary;
    canary.detail = "waiting for job " + lane.front()->job.canary.job_id + " of the same bot";
    log(core::severity::info, core::topic::waiting, canary.detail, {{"job", canary.job_id}});
    return;
  }
  if (waiting_for_budget_.empty() && !must_wait_for_budget(*added))
    start(added);
  else
    waiting_for_budget_.push_back(added->lane);
}

bool supervisor::must_wait_for_budget(entry& candidate) {
  const auto factor = world_.rhythm.stretch_with(core::time_between_polls(candidate.job.spec));
  // One job alone always may: there is nobody to wait for.
  if (factor <= options_.max_stretch || running_.size() == 0)
    return false;
  const auto text =
      fmt::format("waiting for the rate budget: polls would be stretched {:.1f} times", factor);
  auto& canary = candidate.job.canary;
  if (!canary.detail.starts_with("waiting for the rate budget"))
    log(core::severity::warning, core::topic::budget, text, {{"job", canary.job_id}});
  canary.detail = text;
  return true;
}

void supervisor::start(const entry_pointer& candidate) {
  candidate->started = true;
  // What it waited for; a canary that is under way has a detail of its own.
  if (candidate->job.canary.state == core::canary_state::queued)
    candidate->job.canary.detail.clear();
  world_.rhythm.join(core::time_between_polls(candidate->job.spec));
  announce_stretch(candidate->job.spec.validation_interval);
  candidate->run = std::make_unique<runner>(executor_, world_, candidate->job);
  running_.spawn(run(candidate));
}

void supervisor::announce_stretch(core::duration interval) {
  const auto factor = world_.rhythm.stretch();
  if (factor <= 1.0)
    stretch_announced_ = false;
  if (factor <= 1.0 || stretch_announced_)
    return;
  stretch_announced_ = true;
  log(core::severity::warning, core::topic::budget,
      fmt::format("poll interval stretched {} → {}", core::format_duration(interval),
                  core::format_duration(stretched(interval, factor))));
}

async::task<> supervisor::run(entry_pointer candidate) {
  const auto id = candidate->job.canary.job_id;
  co_await candidate->run->run(candidate->first);
  world_.rhythm.leave(core::time_between_polls(candidate->job.spec));
  candidate->run.reset();
  tell_end(candidate->job);
  world_.measures.note_end(candidate->job.canary.state, *candidate->job.canary.why);
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
    start_heads();
  }
}

void supervisor::tell_end(const store::job_record& ended) {
  const auto& canary = ended.canary;
  const auto level = canary.state == core::canary_state::promoted_to_stable
                         ? core::severity::info
                         : core::severity::warning;
  log(level, topic_of(canary.state), "canary ended",
      {{"job", canary.job_id},
       {"bot", ended.spec.bot_id},
       {"environment", ended.spec.environment_id},
       {"version", ended.spec.version},
       {"deployment", canary.deployment_id},
       {"status", core::to_string(canary.state)},
       {"reason", core::to_string(*canary.why)}});
}

const store::job_record* supervisor::find(const std::string& job_id) const {
  const auto found = jobs_.find(job_id);
  return found == jobs_.end() ? nullptr : &found->second->job;
}

const store::job_record* supervisor::next(const std::string& after) const {
  const auto found = jobs_.upper_bound(after);
  return found == jobs_.end() ? nullptr : &found->second->job;
}

const store::job_record* supervisor::deployer_of(const core::job& like) const {
  // The lanes of one bot, whatever by_environment was when its jobs came, follow each other.
  for (auto lane = lanes_.lower_bound(like.bot_id);
       lane != lanes_.end() && lane->first.starts_with(like.bot_id); ++lane) {
    for (const auto& each : lane->second) {
      if (each->job.canary.state != core::canary_state::queued &&
          each->job.spec.bot_id == like.bot_id && each->job.spec.version == like.version)
        return &each->job;
    }
  }
  return nullptr;
}

async::task<core::command_outcome> supervisor::command(std::string job_id, core::command given) {
  const auto found = jobs_.find(job_id);
  if (found == jobs_.end())
    co_return core::command_outcome{core::command_fate::unknown_job, "there is no such job", {}};
  const auto job = found->second;
  const auto outcome = core::judge_command(job->job.canary, given);
  if (outcome.fate != core::command_fate::done || (job->started && !job->run))
    co_return outcome;
  // What waits its turn needs none to be ended.
  if (!job->started)
    start(job);
  co_return co_await give(job, std::move(given));
}

async::task<core::command_outcome> supervisor::give(entry_pointer to, core::command given) {
  struct answer {
    explicit answer(const async::executor& ex) : bell{ex} {}
    async::wakeup bell;
    std::optional<core::command_outcome> outcome;
  };
  // Shared, because whoever waits may go away, and so may the runner.
  const auto heard = std::make_shared<answer>(executor_);
  to->run->take(given, [heard](core::command_outcome outcome) {
    heard->outcome = std::move(outcome);
    heard->bell.ring();
  });
  while (!heard->outcome)
    co_await heard->bell.wait();
  co_return *heard->outcome;
}

std::array<std::size_t, core::state_count> supervisor::counts() const {
  std::array<std::size_t, core::state_count> by_state{};
  for (const auto& [id, job] : jobs_)
    ++by_state[static_cast<std::size_t>(job->job.canary.state)];
  return by_state;
}

void supervisor::cancel() {
  for (const auto& [id, job] : jobs_) {
    const bool is_saved = !job->run || job->run->tell_unsaved();
    if (core::is_final(job->job.canary.state)) {
      if (!is_saved)
        log(core::severity::critical, core::topic::audit_unsaved,
            "canary ended, and its end is not on disk: the next start finds out again",
            {{"job", id}, {"state", core::to_string(job->job.canary.state)}});
      continue;
    }
    log(core::severity::warning, core::topic::left_running, "canary left as it is",
        {{"job", id},
         {"bot", job->job.spec.bot_id},
         {"state", core::to_string(job->job.canary.state)},
         {"deployment", job->job.canary.deployment_id}});
  }
  running_.cancel();
}

}  // namespace canaryd::daemon
