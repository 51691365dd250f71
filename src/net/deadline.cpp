#include "canaryd/net/deadline.hpp"

#include <algorithm>
#include <utility>

namespace canaryd::net {
namespace {

// A delay up to this is normal: the kernel is imprecise, and the loop may be busy for a moment.
constexpr duration is_on_time = std::chrono::milliseconds{20};
constexpr duration longest_grace = std::chrono::seconds{1};
constexpr int most_graces = 4;

}  // namespace

struct deadline::state {
  state(const async::executor& ex, instant at, std::function<void()> action)
      : timer{ex, at}, on_expiry{std::move(action)} {}

  async::timer timer;
  std::function<void()> on_expiry;
  int graces = 0;
};

deadline::deadline(const async::executor& ex, instant at, std::function<void()> on_expiry)
    : state_{std::make_shared<state>(ex, at, std::move(on_expiry))} {
  wait(state_);
}

void deadline::wait(const std::shared_ptr<state>& self) {
  // A timer that has expired reports success even if it is destroyed before its handler runs. Only
  // the weak pointer tells that it is gone.
  self->timer.async_wait([watched = std::weak_ptr{self}](const boost::system::error_code& ec) {
    const auto alive = watched.lock();
    if (!alive || ec)
      return;
    const auto now = async::clock::now();
    const auto late = now - alive->timer.expiry();
    if (late <= is_on_time || alive->graces == most_graces)
      return alive->on_expiry();
    ++alive->graces;
    alive->timer.expires_at(now + std::min(late, longest_grace));
    wait(alive);
  });
}

}  // namespace canaryd::net
