#include "canaryd/daemon/tell/loop_lag.hpp"

#include "canaryd/async/task_group.hpp"

#include <gmock/gmock.h>

#include "support/virtual_time.hpp"
#include <vector>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(loop_lag, is_how_late_a_timer_runs_every_second) {
  support::virtual_time time;
  async::task_group tasks{time.executor()};
  std::vector<duration> lags;
  tasks.spawn(measure_loop_lag([&](duration lag) { lags.push_back(lag); }));
  time.run_for(1s);
  // Nothing on the loop ran for three seconds.
  time.clock().advance_to(time.context(), async::clock::now() + 3s);
  time.settle();
  time.run_for(1s);
  EXPECT_THAT(lags, ElementsAre(0s, 2s, 0s));
  tasks.cancel();
  time.settle();
}

}  // namespace
}  // namespace canaryd::daemon
