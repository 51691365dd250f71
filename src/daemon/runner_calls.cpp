// The calls that a canary wants made, each as it is made and as the canary hears of its answer.
#include "canaryd/daemon/runner.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace canaryd::daemon {

async::task<> runner::call(core::pending_call wanted, std::uint32_t serial) {
  auto answer = co_await perform(wanted);
  deliver(call_lane_, serial, std::move(answer));
}

cognigy::priority runner::rank_of(const core::pending_call& wanted) const {
  const auto& canary = job_.canary;
  if (wanted.what == core::operation::rollback_surplus ||
      wanted.what == core::operation::read_surplus)
    return canary.surplus_failures == 0 ? cognigy::priority::rollback
                                        : cognigy::priority::rollback_repeat;
  switch (canary.state) {
    case core::canary_state::rolling_back:
      return wanted.first_attempt ? cognigy::priority::rollback
                                  : cognigy::priority::rollback_repeat;
    case core::canary_state::promoting:
      return cognigy::priority::change;
    case core::canary_state::observing:
    case core::canary_state::paused:
    case core::canary_state::waiting_approval:
      return canary.traffic.under_way ? cognigy::priority::change : cognigy::priority::poll;
    default:
      return rank_before_the_hold(wanted);
  }
}

// What looks for a deployment that may be live, and that nobody watches yet, is no ordinary deploy.
cognigy::priority runner::rank_before_the_hold(const core::pending_call& wanted) const {
  const auto& canary = job_.canary;
  if (wanted.what != core::operation::look_up)
    return cognigy::priority::deploy;
  if (canary.abort_wanted)
    return cognigy::priority::rollback;
  return canary.deploy.uncertain ? cognigy::priority::change : cognigy::priority::deploy;
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
    case core::operation::change_traffic:
      co_return core::traffic_changed{co_await platform.change_traffic(
          where(), canary.deployment_id, core::next_share(job_.spec, canary), key, rank)};
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
  for (const auto& found : listed->items)
    ids.push_back(found.id);
  const auto others = co_await world_.store.owned_by_others(job_.canary.job_id, std::move(ids));
  if (!others)
    co_return core::looked_up{std::unexpected{others.error()}};
  std::vector<core::found_deployment> found;
  for (auto& candidate : listed->items) {
    const bool of_another = std::ranges::find(*others, candidate.id) != others->end();
    found.push_back({std::move(candidate), of_another});
  }
  co_return core::looked_up{std::move(found), std::move(listed->unreadable)};
}

void runner::note_rollback_sent() {
  if (!rollback_decided_at_)
    return;
  world_.measures.note_rollback_sent(async::clock::now() - *rollback_decided_at_);
  rollback_decided_at_.reset();
}

}  // namespace canaryd::daemon
