#include "canaryd/daemon/poll_arms.hpp"

#include "canaryd/async/both.hpp"

#include <utility>

namespace canaryd::daemon {
namespace {

platform::metrics_query for_stable(platform::metrics_query query) {
  query.of = platform::arm::stable;
  query.further = {};
  // The poll goes out once, with the canary's request.
  query.on_sent = {};
  return query;
}

}  // namespace

async::task<canary::poll_answered> poll_arms(platform::driver& platform, platform::target where,
                                             platform::metrics_query query, bool with_stable) {
  if (!with_stable) {
    auto canary = co_await platform.poll(where, std::move(query));
    canary::poll_answered told{std::move(canary.outcome), canary.window};
    told.asked_at = canary.asked_at;
    co_return told;
  }
  auto [canary, stable] =
      co_await async::both(platform.poll(where, query), platform.poll(where, for_stable(query)));
  canary::poll_answered told{std::move(canary.outcome), canary.window};
  told.stable = std::move(stable.outcome);
  told.stable_window = stable.window;
  told.asked_at = canary.asked_at;
  co_return told;
}

}  // namespace canaryd::daemon
