#include "canaryd/daemon/runner.hpp"

#include "canaryd/daemon/log.hpp"
#include "canaryd/daemon/result_file.hpp"

#include <algorithm>
#include <functional>

namespace canaryd::daemon {
namespace {

core::duration window_unit(const cognigy::platform& platform) {
  if (platform.options().window_unit == 's')
    return std::chrono::seconds{1};
  return std::chrono::minutes{1};
}

}  // namespace

runner::runner(async::executor ex, services& world, store::job_record& job)
    : world_{world},
      job_{job},
      bell_{ex},
      saver_{job.canary, world.store, world.disk, world.on_records},
      series_{world.measures.jobs()},
      lanes_{ex, [this] { bell_.ring(); }} {}

async::task<> runner::run(core::event first) {
  return async::run_and_join(lanes_, live(std::move(first)));
}

async::task<> runner::live(core::event first) {
  handle(first);
  for (;;) {
    const auto next_look = start_due();
    if (core::is_final(job_.canary.state) && saver_.is_done())
      co_return;
    // A lane may have answered while it was being started.
    if (arrived_.empty())
      co_await bell_.wait(next_look);
    lanes_.rethrow_failure();
    handle_arrivals();
  }
}

// One at a time: what it decides may make the next one's lane, and so its answer, obsolete.
void runner::handle_arrivals() {
  if (arrived_.empty())
    return;
  const auto arrived = std::move(arrived_.front());
  arrived_.pop_front();
  if (arrived.serial != arrived.from->serial || !arrived.from->busy)
    return;
  arrived.from->busy = false;
  handle(arrived.what);
}

void runner::handle(const core::event& what) {
  const bool has_reading = std::holds_alternative<core::poll_answered>(what);
  const auto state_before = job_.canary.state;
  const auto calls_before = job_.canary.calls_made;
  const bool passed_before = core::is_passing(job_.canary);
  auto made = core::step(job_.spec, std::move(job_.canary), what, now_context());
  auto matters = weight::decision;
  if (has_reading && made.records.empty() && made.next.state == state_before &&
      made.next.calls_made == calls_before)
    matters = passed_before && core::is_passing(made.next) ? weight::further_pass : weight::reading;
  saver_.add(made, has_reading, matters);
  job_.canary = std::move(made.next);
  if (state_before != core::canary_state::rolling_back &&
      job_.canary.state == core::canary_state::rolling_back)
    rollback_decided_at_ = async::clock::now();
  if (has_reading) {
    world_.measures.note_reading(job_.canary.newest->outcome);
    series_.show(job_.canary.job_id, *job_.canary.newest);
    tell_reading();
  }
  for (const auto& note : made.notes)
    tell(note);
}

async::task<> runner::save() {
  co_await saver_.write();
  answer_commands();
  bell_.ring();
}

void runner::take(const core::command& given, command_sink sink) {
  const auto outcome = core::judge_command(job_.canary, given);
  if (outcome.fate != core::command_fate::done)
    return sink(outcome);
  handle(core::commanded{given});
  commands_.push_back({saver_.taken(), std::move(sink)});
  bell_.ring();
}

void runner::answer_commands() {
  for (auto& each : std::exchange(commands_, {})) {
    if (each.step <= saver_.written())
      each.sink({core::command_fate::done, {}, job_.canary.state});
    else if (saver_.fails())
      each.sink({core::command_fate::not_written,
                 "it is being done, but the state cannot be written at present",
                 job_.canary.state});
    else
      commands_.push_back(std::move(each));
  }
}

core::context runner::now_context() const {
  const auto& options = world_.platform.options();
  return {.now = async::clock::now(),
          .wall = async::clock::wall_now(),
          .random = world_.random(),
          .stretch = world_.rhythm.stretch(),
          .request_timeout = options.request_timeout,
          .checks_versions = !options.calls[cognigy::call::versions].path.empty(),
          .cannot_conclude = world_.disk.is_on()};
}

cognigy::target runner::where() const {
  return {job_.base_url, job_.spec.bot_id, job_.spec.environment_id, job_.spec.version};
}

// Brings what is under way in line with what the canary wants; returns when the next thing falls
// due.
core::instant runner::start_due() {
  const auto now = async::clock::now();
  if (saver_.wants_to_write(now))
    lanes_.spawn(save());
  const auto next_poll = start_due_poll(now);
  const auto next_call = start_due_call(now);
  return std::min({next_poll, next_call, saver_.next_look(now)});
}

core::instant runner::start_due_poll(core::instant now) {
  if (!core::is_watched(job_.canary))
    stop(poll_lane_);
  else if (!poll_lane_.busy && job_.canary.hold.next_due <= now)
    start_poll();
  else if (!poll_lane_.busy)
    return job_.canary.hold.next_due;
  return core::instant::max();
}

core::instant runner::start_due_call(core::instant now) {
  const auto& wanted = job_.canary.next_call;
  if (call_lane_.busy && (!wanted || wanted->serial != call_in_flight_))
    stop(call_lane_);
  if (!wanted || call_lane_.busy)
    return core::instant::max();
  if (wanted->not_before > now)
    return wanted->not_before;
  // Where it may not be sent yet, the saver says when to look again.
  if (may_be_sent(*wanted, now))
    start_call();
  return core::instant::max();
}

bool runner::may_be_sent(const core::pending_call& wanted, core::instant now) {
  if (saver_.has_call(wanted.serial))
    return true;
  if (job_.canary.state != core::canary_state::rolling_back || !saver_.is_overdue(now))
    return false;
  saver_.tell_unwritten_records();
  return true;
}

void runner::start_poll() {
  const auto& canary = job_.canary;
  const auto now = async::clock::now();
  cognigy::metrics_query query;
  query.window = core::poll_window(job_.spec, canary, window_unit(world_.platform));
  query.due = canary.hold.next_due;
  query.next_due = core::following_due(job_.spec, canary, world_.rhythm.stretch(), now);
  query.on_sent = [&measures = world_.measures, due = query.due] {
    measures.note_poll_sent(async::clock::now() - due);
  };
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

void runner::deliver(lane& to, std::uint32_t serial, core::event what) {
  arrived_.push_back({&to, serial, std::move(what)});
  bell_.ring();
}

async::task<> runner::poll(cognigy::metrics_query query, std::uint32_t serial) {
  auto outcome = co_await world_.platform.poll(where(), query);
  deliver(poll_lane_, serial, core::poll_answered{std::move(outcome), query.window});
}

async::task<> runner::call(core::pending_call wanted, std::uint32_t serial) {
  auto answer = co_await perform(wanted);
  deliver(call_lane_, serial, std::move(answer));
}

cognigy::priority runner::rank_of(const core::pending_call& wanted) const {
  if (wanted.what == core::operation::rollback_surplus ||
      wanted.what == core::operation::read_surplus)
    return cognigy::priority::rollback_repeat;
  switch (job_.canary.state) {
    case core::canary_state::rolling_back:
      return wanted.first_attempt ? cognigy::priority::rollback
                                  : cognigy::priority::rollback_repeat;
    case core::canary_state::promoting:
      return cognigy::priority::change;
    case core::canary_state::observing:
    case core::canary_state::paused:
      return cognigy::priority::poll;
    default:
      return cognigy::priority::deploy;
  }
}

async::task<core::event> runner::perform(core::pending_call wanted) {
  auto& platform = world_.platform;
  const auto& canary = job_.canary;
  const auto rank = rank_of(wanted);
  const auto key = core::idempotency_key(canary, wanted.what);
  const auto metrics = canary.newest ? core::sample_of(*canary.newest) : core::metrics_sample{};
  const std::string why{canary.why ? core::to_string(*canary.why) : std::string_view{}};
  const auto surplus =
      canary.surplus_deployments.empty() ? std::string{} : canary.surplus_deployments.front();
  switch (wanted.what) {
    case core::operation::check_version:
      co_return core::version_checked{co_await platform.version_is_listed(where())};
    case core::operation::look_up:
      co_return co_await look_up(rank);
    case core::operation::register_webhook:
      co_await world_.hooks.ensure(where(), job_.spec.webhook_url);
      co_return core::webhook_settled{};
    case core::operation::deploy:
      co_return core::deploy_answered{co_await platform.deploy(where(), job_.spec, key)};
    case core::operation::read_status:
      co_return core::status_read{
          co_await platform.get_deployment(where(), canary.deployment_id, rank)};
    case core::operation::promote:
      co_return core::promote_answered{
          co_await platform.promote(where(), canary.deployment_id, metrics, key)};
    case core::operation::rollback:
      co_return core::rollback_answered{
          co_await platform.rollback(where(), canary.deployment_id, why, metrics, key, rank,
                                     std::bind_front(&runner::note_rollback_sent, this))};
    case core::operation::remove_traffic:
      co_return core::traffic_removed{
          co_await platform.change_traffic(where(), canary.deployment_id, 0.0, key, rank)};
    case core::operation::rollback_surplus:
      co_return core::surplus_answered{
          co_await platform.rollback(where(), surplus, "surplus_deployment", {}, key, rank)};
    case core::operation::read_surplus:
      co_return core::surplus_read{co_await platform.get_deployment(where(), surplus, rank)};
  }
  std::unreachable();
}

async::task<core::event> runner::look_up(cognigy::priority rank) {
  auto listed = co_await world_.platform.find_deployments(where(), rank);
  if (!listed)
    co_return core::looked_up{std::unexpected{std::move(listed.error())}};
  std::vector<std::string> ids;
  for (const auto& found : *listed)
    ids.push_back(found.id);
  const auto others = co_await world_.store.owned_by_others(job_.canary.job_id, std::move(ids));
  if (!others)
    co_return core::looked_up{std::unexpected{others.error()}};
  std::vector<core::found_deployment> found;
  for (auto& candidate : *listed) {
    const bool of_another = std::ranges::find(*others, candidate.id) != others->end();
    found.push_back({std::move(candidate), of_another});
  }
  co_return core::looked_up{std::move(found)};
}

void runner::note_rollback_sent() {
  if (!rollback_decided_at_)
    return;
  world_.measures.note_rollback_sent(async::clock::now() - *rollback_decided_at_);
  rollback_decided_at_.reset();
}

void runner::tell(const core::note& what) const {
  const auto& canary = job_.canary;
  log(what.level, what.about, what.text,
      {{"job", canary.job_id},
       {"bot", job_.spec.bot_id},
       {"environment", job_.spec.environment_id},
       {"version", job_.spec.version},
       {"state", core::to_string(canary.state)},
       {"deployment", canary.deployment_id, false},
       {"reason", canary.why ? core::to_string(*canary.why) : "", false}});
}

void runner::tell_reading() const {
  const auto& taken = *job_.canary.newest;
  const bool failed = taken.outcome == core::verdict::provider_error;
  // Of polls that fail in a row the first one is news.
  const bool trouble =
      taken.outcome == core::verdict::breach || (failed && job_.canary.hold.provider_errors <= 1);
  const auto level = trouble ? core::severity::warning : core::severity::info;
  if (!is_logged(level))
    return;
  log(level, core::topic::reading, "reading " + describe_reading(taken),
      {{"job", job_.canary.job_id},
       {"error", taken.problem, failed},
       {"bot", job_.spec.bot_id, false},
       {"environment", job_.spec.environment_id, false},
       {"version", job_.spec.version, false},
       {"state", core::to_string(job_.canary.state), false},
       {"deployment", job_.canary.deployment_id, false},
       {"verdict", core::to_string(taken.outcome), false}});
}

}  // namespace canaryd::daemon
