#include "canaryd/net/deadline.hpp"

#include <utility>

namespace canaryd::net {

deadline::deadline(const async::executor& ex, core::instant at, std::function<void()> on_expiry)
    : timer_{ex, at}, on_expiry_{std::make_shared<std::function<void()>>(std::move(on_expiry))} {
  // A timer that has expired completes with success even when it is destroyed before its handler
  // runs: only the weak pointer knows.
  timer_.async_wait([action = std::weak_ptr{on_expiry_}](const boost::system::error_code& ec) {
    if (const auto alive = action.lock(); alive && !ec)
      (*alive)();
  });
}

}  // namespace canaryd::net
