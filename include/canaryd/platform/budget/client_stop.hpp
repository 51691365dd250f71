// A time in which requests wait because the API has asked the whole client to wait (reference:
// "Rate budget"). This is a value without a timer or a clock.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::platform {

class client_stop {
 public:
  // No stop lasts longer than `longest`, however many answers ask for more during the stop.
  explicit client_stop(duration longest) : longest_{longest} {}

  // Takes the Retry-After that a request was answered with at `now`. If the request was admitted
  // after the last stop had ended, this begins a new stop. Otherwise it can only lengthen that one.
  void ask(instant admitted_at, instant now, duration retry_after);

  // When the stop ends, or when the last one ended.
  instant until() const { return until_; }

 private:
  duration longest_;
  instant began_at_ = instant::min();
  instant until_ = instant::min();
};

}  // namespace canaryd::platform
