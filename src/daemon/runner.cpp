#include "canaryd/daemon/runner.hpp"

#include "canaryd/daemon/control/live_events.hpp"
#include "canaryd/daemon/poll_arms.hpp"
#include "canaryd/daemon/tell/job_log.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace canaryd::daemon {
namespace {

// Those who watch the job are told if any of this changes.
auto what_is_shown(const canary::canary& current) {
  return std::tuple{state_of(current), current.hold.step, current.deployment_id.empty()};
}

}  // namespace

runner::runner(async::executor ex, services& world, store::job_record& job)
    : world_{world},
      platform_{world.platforms.of(job.spec.platform)},
      job_{job},
      bell_{ex},
      saver_{job, world.store, world.alarm, world.record_destinations, world.on_records},
      series_{world.measures.jobs()},
      lanes_{ex, [this] { bell_.ring(); }} {}

async::task<> runner::run(canary::event first) {
  return async::run_and_join(lanes_, live(std::move(first)));
}

async::task<> runner::live(canary::event first) {
  handle(first);
  for (;;) {
    const auto next_look = start_due();
    if (canary::is_final(job_.canary) && saver_.is_done())
      co_return;
    // A lane may have answered while it was being started.
    if (arrived_.empty())
      co_await bell_.wait(next_look);
    lanes_.rethrow_failure();
    handle_arrivals();
  }
}

// Handles one answer at a time, because it may make the next lane, and so its answer, obsolete. A
// command that came after the answer may do so too.
void runner::handle_arrivals() {
  if (arrived_.empty())
    return;
  stop_obsolete();
  const auto arrived = std::move(arrived_.front());
  arrived_.pop_front();
  if (arrived.serial != arrived.from->serial || !arrived.from->busy)
    return;
  arrived.from->busy = false;
  handle(arrived.what);
}

void runner::handle(const canary::event& what) {
  const bool has_reading = std::holds_alternative<canary::poll_answered>(what);
  const auto state_before = state_of(job_.canary);
  const auto shown_before = what_is_shown(job_.canary);
  const auto calls_before = job_.canary.calls_made;
  const bool passed_before = canary::is_passing(job_.canary);
  auto made = canary::advance(job_.spec, std::move(job_.canary), what, now_context());
  auto matters = weight::decision;
  if (has_reading && made.records.empty() && state_of(made.next) == state_before &&
      made.next.calls_made == calls_before)
    matters =
        passed_before && canary::is_passing(made.next) ? weight::further_pass : weight::reading;
  saver_.add(made, has_reading, matters);
  job_.canary = std::move(made.next);
  if (state_before != canary::canary_state::rolling_back &&
      state_of(job_.canary) == canary::canary_state::rolling_back)
    rollback_decided_at_ = async::clock::now();
  if (has_reading) {
    world_.measures.note_reading(job_.canary.newest->outcome);
    series_.show(job_.canary.job_id, *job_.canary.newest);
    tell_reading(job_);
  }
  for (const auto& note : made.notes)
    tell(job_, note);
  if (has_reading)
    publish_reading(world_.events, job_);
  if (what_is_shown(job_.canary) != shown_before)
    publish_state(world_.events, job_);
}

async::task<> runner::save() {
  co_await saver_.write();
  answer_commands();
  bell_.ring();
}

bool runner::tell_unsaved() {
  // If the disk works, everything is written before the process ends.
  if (!world_.alarm.is_raised())
    return true;
  saver_.tell_unwritten_records();
  return saver_.is_done();
}

void runner::take(const canary::command& given, command_sink sink) {
  if (canary::went_unwatched(job_.spec, job_.canary, stretch(), async::clock::now()))
    handle(canary::awoken{});
  const auto outcome = canary::judge_command(job_.canary, given);
  if (outcome.effect != canary::command_effect::done)
    return sink(outcome);
  handle(canary::commanded{given});
  commands_.push_back({saver_.taken(), std::move(sink)});
  bell_.ring();
}

void runner::answer_commands() {
  for (auto& each : std::exchange(commands_, {})) {
    if (each.turn <= saver_.written()) {
      each.sink({canary::command_effect::done, {}, state_of(job_.canary)});
    } else if (saver_.fails()) {
      each.sink({canary::command_effect::not_written,
                 "the command is being carried out, but the state cannot be written at present",
                 state_of(job_.canary)});
    } else {
      commands_.push_back(std::move(each));
    }
  }
}

canary::context runner::now_context() const {
  const auto terms = platform_.driver().terms();
  return {.now = async::clock::now(),
          .wall = async::clock::wall_now(),
          .random = world_.random(),
          .stretch = stretch(),
          .request_timeout = terms.request_timeout,
          .window_unit = terms.window_unit,
          .checks_versions = platform_.driver().can().lists_versions,
          .cannot_conclude = world_.alarm.is_raised()};
}

double runner::stretch() const {
  return platform_.rhythm().stretch_of(job_.spec.validation_interval);
}

platform::target runner::where() const {
  return {job_.base_url, job_.spec.bot_id, job_.spec.environment_id, job_.spec.version};
}

// Starts and stops what the canary wants started and stopped. Returns when the next thing falls
// due.
instant runner::start_due() {
  const auto now = async::clock::now();
  stop_obsolete();
  if (saver_.wants_to_write(now))
    lanes_.spawn(save());
  const auto next_poll = start_due_poll(now);
  const auto next_call = start_due_call(now);
  return std::min({next_poll, next_call, saver_.next_look(now)});
}

// Stops a poll about an earlier share, and a call that is no longer wanted.
void runner::stop_obsolete() {
  if (!canary::is_watched(job_.canary) || step_polled_ != job_.canary.hold.step)
    stop(poll_lane_);
  const auto& wanted = job_.canary.next_call;
  if (!wanted || wanted->serial != call_in_flight_)
    stop(call_lane_);
}

instant runner::start_due_poll(instant now) {
  if (!canary::is_watched(job_.canary))
    return instant::max();
  if (!poll_lane_.busy && job_.canary.hold.next_due <= now)
    start_poll();
  return poll_lane_.busy ? instant::max() : job_.canary.hold.next_due;
}

instant runner::start_due_call(instant now) {
  const auto& wanted = job_.canary.next_call;
  if (!wanted || call_lane_.busy)
    return instant::max();
  if (wanted->not_before > now)
    return wanted->not_before;
  // If it may not be sent yet, the saver says when to look again.
  if (may_be_sent(*wanted, now))
    start_call();
  return instant::max();
}

bool runner::may_be_sent(const canary::pending_call& wanted, instant now) {
  if (saver_.has_call(wanted.serial))
    return true;
  if (state_of(job_.canary) != canary::canary_state::rolling_back || !saver_.is_overdue(now))
    return false;
  saver_.tell_unwritten_records();
  return true;
}

void runner::start_poll() {
  const auto& canary = job_.canary;
  const auto unit = platform_.driver().terms().window_unit;
  platform::metrics_query query;
  query.further = job::further_metrics(job_.spec);
  query.window = canary::poll_window(job_.spec, canary, unit);
  query.counted_from = canary::counted_from(job_.spec, canary);
  query.time = canary::poll_time(job_.spec, canary, stretch(), unit);
  query.request_time = job_.spec.validation_interval;
  query.on_sent = [&measures = world_.measures, due = canary.hold.next_due] {
    measures.note_poll_sent(async::clock::now() - due);
  };
  step_polled_ = canary.hold.step;
  poll_lane_.busy = true;
  poll_lane_.child = lanes_.spawn(poll(query, ++poll_lane_.serial));
}

void runner::start_call() {
  const auto wanted = *job_.canary.next_call;
  call_in_flight_ = wanted.serial;
  call_lane_.busy = true;
  call_lane_.child = lanes_.spawn(call(wanted, ++call_lane_.serial));
}

void runner::stop(lane& which) {
  if (!which.busy)
    return;
  which.busy = false;
  async::task_group::cancel(which.child);
}

void runner::deliver(lane& to, std::uint32_t serial, canary::event what) {
  arrived_.push_back({&to, serial, std::move(what)});
  bell_.ring();
}

async::task<> runner::poll(platform::metrics_query query, std::uint32_t serial) {
  const auto step = job_.canary.hold.step;
  auto answer = co_await poll_arms(platform_.driver(), where(), std::move(query),
                                   job::compares_with_stable(job_.spec));
  answer.step = step;
  deliver(poll_lane_, serial, std::move(answer));
}

}  // namespace canaryd::daemon
