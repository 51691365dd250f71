// The calls that a canary wants made, each as it is made and as the canary hears of its answer.
#include "canaryd/daemon/runner.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace canaryd::daemon {

async::task<> runner::call(canary::pending_call wanted, std::uint32_t serial) {
  auto answer = co_await perform(wanted);
  deliver(call_lane_, serial, std::move(answer));
}

platform::priority runner::rank_of(const canary::pending_call& wanted) const {
  const auto& canary = job_.canary;
  if (wanted.what == canary::operation::rollback_surplus ||
      wanted.what == canary::operation::read_surplus)
    return canary.surplus_failures == 0 ? platform::priority::rollback
                                        : platform::priority::rollback_repeat;
  switch (canary.state) {
    case canary::canary_state::rolling_back:
      return wanted.first_attempt ? platform::priority::rollback
                                  : platform::priority::rollback_repeat;
    case canary::canary_state::promoting:
      return platform::priority::change;
    case canary::canary_state::observing:
    case canary::canary_state::paused:
    case canary::canary_state::waiting_approval:
      return canary.traffic.under_way ? platform::priority::change : platform::priority::poll;
    default:
      return rank_before_the_hold(wanted);
  }
}

// What looks for a deployment that may be live, and that nobody watches yet, is no ordinary deploy.
platform::priority runner::rank_before_the_hold(const canary::pending_call& wanted) const {
  const auto& canary = job_.canary;
  if (wanted.what != canary::operation::look_up)
    return platform::priority::deploy;
  if (canary.abort_wanted)
    return platform::priority::rollback;
  return canary.deploy.uncertain ? platform::priority::change : platform::priority::deploy;
}

async::task<canary::event> runner::perform(canary::pending_call wanted) {
  auto& platform = world_.platform;
  const auto& canary = job_.canary;
  const auto rank = rank_of(wanted);
  const auto key = canary::idempotency_key(canary, wanted.what);
  const auto metrics = canary.newest ? judge::sample_of(*canary.newest) : judge::metrics_sample{};
  const std::string why{canary.why ? to_string(*canary.why) : std::string_view{}};
  const auto surplus =
      canary.surplus_deployments.empty() ? std::string{} : canary.surplus_deployments.front();
  switch (wanted.what) {
    case canary::operation::check_version:
      co_return canary::version_checked{co_await platform.version_is_listed(where())};
    case canary::operation::look_up:
      co_return co_await look_up(rank);
    case canary::operation::register_webhook:
      if (platform.can().registers_webhooks)
        co_await world_.hooks.ensure(where(), job_.spec.webhook_url);
      co_return canary::webhook_settled{};
    case canary::operation::deploy:
      co_return canary::deploy_answered{co_await platform.deploy(where(), job_.spec, key)};
    case canary::operation::read_status:
      co_return canary::status_read{
          co_await platform.get_deployment(where(), canary.deployment_id, rank)};
    case canary::operation::change_traffic:
      co_return canary::traffic_changed{co_await platform.change_traffic(
          where(), canary.deployment_id, canary::next_share(job_.spec, canary), key, rank)};
    case canary::operation::promote:
      co_return canary::promote_answered{
          co_await platform.promote(where(), canary.deployment_id, metrics, key)};
    case canary::operation::rollback:
      co_return canary::rollback_answered{
          co_await platform.rollback(where(), canary.deployment_id, why, metrics, key, rank,
                                     std::bind_front(&runner::note_rollback_sent, this))};
    case canary::operation::remove_traffic:
      co_return canary::traffic_removed{
          co_await platform.change_traffic(where(), canary.deployment_id, 0.0, key, rank)};
    case canary::operation::rollback_surplus:
      co_return canary::surplus_answered{
          co_await platform.rollback(where(), surplus, "surplus_deployment", {}, key, rank, {})};
    case canary::operation::read_surplus:
      co_return canary::surplus_read{co_await platform.get_deployment(where(), surplus, rank)};
  }
  std::unreachable();
}

async::task<canary::event> runner::look_up(platform::priority rank) {
  auto listed = co_await world_.platform.find_deployments(where(), rank);
  if (!listed)
    co_return canary::looked_up{std::unexpected{std::move(listed.error())}};
  std::vector<std::string> ids;
  for (const auto& found : listed->items)
    ids.push_back(found.id);
  const auto others = co_await world_.store.owned_by_others(job_.canary.job_id, std::move(ids));
  if (!others)
    co_return canary::looked_up{std::unexpected{others.error()}};
  std::vector<canary::found_deployment> found;
  for (auto& candidate : listed->items) {
    const bool of_another = std::ranges::find(*others, candidate.id) != others->end();
    found.push_back({std::move(candidate), of_another});
  }
  co_return canary::looked_up{std::move(found), std::move(listed->unreadable)};
}

void runner::note_rollback_sent() {
  if (!rollback_decided_at_)
    return;
  world_.measures.note_rollback_sent(async::clock::now() - *rollback_decided_at_);
  rollback_decided_at_.reset();
}

}  // namespace canaryd::daemon
