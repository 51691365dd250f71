// A limit of time on a stretch of a task, without a race for every wait in it.
#pragma once

#include "canaryd/async/clock.hpp"

#include <functional>
#include <memory>

namespace canaryd::net {

// For as long as it lives, calls `on_expiry` once on the loop when `at` has come; never afterwards.
// `on_expiry` ends the waits of the task that owns the deadline.
class deadline {
 public:
  deadline(const async::executor& ex, core::instant at, std::function<void()> on_expiry);
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;
  ~deadline() = default;

 private:
  async::timer timer_;
  std::shared_ptr<std::function<void()>> on_expiry_;
};

}  // namespace canaryd::net
