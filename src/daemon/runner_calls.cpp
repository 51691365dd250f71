// Makes the calls that a canary wants made, and turns their answers into events for the canary.
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
  using canary::purpose;
  const auto first_comes_first = [](bool is_first) {
    return is_first ? platform::priority::rollback : platform::priority::rollback_repeat;
  };
  switch (wanted.what_for) {
    case purpose::check_version:
    case purpose::look_up_before_deploy:
    case purpose::register_webhook:
    case purpose::deploy:
      return platform::priority::deploy;
    case purpose::look_up_lost_deploy:
      return rank_of_lost_deploy();
    case purpose::status_for_external_change:
      return platform::priority::poll;
    case purpose::change_traffic:
    case purpose::status_of_traffic:
    case purpose::promote:
    case purpose::status_of_promote:
      return platform::priority::change;
    case purpose::rollback:
    case purpose::status_of_rollback:
    case purpose::look_up_rolled_back:
    case purpose::remove_traffic:
      return first_comes_first(wanted.first_attempt);
    case purpose::rollback_surplus:
    case purpose::status_of_accepted_surplus:
    case purpose::status_of_refused_surplus:
      return first_comes_first(job_.canary.surplus_failures == 0);
  }
  std::unreachable();
}

// A look-up for a deployment that may be live, but that nobody watches yet, comes before ordinary
// deploys.
platform::priority runner::rank_of_lost_deploy() const {
  if (is_abort_wanted(job_.canary))
    return platform::priority::rollback;
  return is_deploy_uncertain(job_.canary) ? platform::priority::change : platform::priority::deploy;
}

async::task<canary::event> runner::perform(canary::pending_call wanted) {
  auto& platform = platform_.driver();
  const auto& canary = job_.canary;
  const auto& id = wanted.deployment_id;
  const auto& key = wanted.key;
  const auto rank = rank_of(wanted);
  const auto metrics = canary.newest ? judge::sample_of(*canary.newest) : judge::metrics_sample{};
  const auto why = why_of(canary);
  switch (operation_of(wanted.what_for)) {
    case canary::operation::check_version:
      co_return canary::version_checked{co_await platform.version_is_listed(where())};
    case canary::operation::look_up:
      co_return co_await look_up(rank);
    case canary::operation::register_webhook:
      if (platform.can().registers_webhooks)
        co_await platform_.hooks().ensure(where(), job_.spec.webhook_url);
      co_return canary::webhook_settled{};
    case canary::operation::deploy:
      co_return canary::deploy_answered{co_await platform.deploy(where(), job_.spec, key)};
    case canary::operation::read_status:
      co_return canary::status_read{co_await platform.get_deployment(where(), id, rank)};
    case canary::operation::change_traffic:
      co_return canary::traffic_changed{
          co_await platform.change_traffic(where(), id, wanted.share, key, rank)};
    case canary::operation::promote:
      co_return canary::promote_answered{co_await platform.promote(where(), id, metrics, key)};
    case canary::operation::rollback:
      co_return canary::rollback_answered{co_await platform.rollback(
          where(), id, std::string{why ? to_string(*why) : std::string_view{}}, metrics, key, rank,
          std::bind_front(&runner::note_rollback_sent, this))};
    case canary::operation::remove_traffic:
      co_return canary::traffic_removed{
          co_await platform.change_traffic(where(), id, wanted.share, key, rank)};
    case canary::operation::rollback_surplus:
      co_return canary::surplus_answered{
          co_await platform.rollback(where(), id, "surplus_deployment", {}, key, rank, {})};
    case canary::operation::read_surplus:
      co_return canary::surplus_read{co_await platform.get_deployment(where(), id, rank)};
  }
  std::unreachable();
}

async::task<canary::event> runner::look_up(platform::priority rank) {
  auto listed = co_await platform_.driver().find_deployments(where(), rank);
  if (!listed)
    co_return canary::looked_up{std::unexpected{std::move(listed.error())}};
  std::vector<std::string> ids;
  for (const auto& found : listed->items)
    ids.push_back(found.id);
  const auto others =
      co_await world_.store.owned_by_others(job_.spec.platform, job_.canary.job_id, std::move(ids));
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
