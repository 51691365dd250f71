#include "canaryd/daemon/tell/loop_lag.hpp"

namespace canaryd::daemon {

async::task<> measure_loop_lag(std::function<void(duration lag)> tell) {
  for (;;) {
    const auto due = async::clock::now() + std::chrono::seconds{1};
    co_await async::sleep_until(due);
    tell(async::clock::now() - due);
  }
}

}  // namespace canaryd::daemon
