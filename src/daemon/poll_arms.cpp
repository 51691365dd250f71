#include "canaryd/daemon/poll_arms.hpp"

#include "canaryd/async/both.hpp"

#include <utility>

namespace canaryd::daemon {
namespace {

cognigy::metrics_query for_stable(cognigy::metrics_query query) {
  query.of = cognigy::arm::stable;
  query.further = {};
  // It is one poll, which goes out once.
  query.on_sent = {};
  return query;
}

core::poll_answered combine(cognigy::poll_answer canary,
                            core::result<core::sourced_sample> stable) {
  if (canary.outcome && !stable) {
    auto problem = std::move(stable).error();
    problem.text.insert(0, "stable arm: ");
    return {std::unexpected{std::move(problem)}, canary.window};
  }
  core::poll_answered told{std::move(canary.outcome), canary.window};
  if (stable)
    told.stable = *std::move(stable);
  return told;
}

}  // namespace

async::task<core::poll_answered> poll_arms(cognigy::platform& platform, cognigy::target where,
                                           cognigy::metrics_query query, bool with_stable) {
  if (!with_stable) {
    auto canary = co_await platform.poll(where, std::move(query));
    co_return core::poll_answered{std::move(canary.outcome), canary.window};
  }
  auto [canary, stable] =
      co_await async::both(platform.poll(where, query), platform.poll(where, for_stable(query)));
  co_return combine(std::move(canary), std::move(stable.outcome));
}

}  // namespace canaryd::daemon
