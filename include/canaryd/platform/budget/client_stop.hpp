// A time in which requests wait because the API has asked the whole client to
// (reference: "Rate budget"). A value: no timer, no clock of its own.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::platform {

class client_stop {
 public:
  // No stop lasts longer than that, however many answers ask for more while it does.
  explicit client_stop(duration longest) : longest_{longest} {}

  // A request that was admitted at that instant was answered now with that Retry-After. It begins a
  // stop where it was admitted after the last one had ended; else it can only lengthen that one.
  void ask(instant admitted_at, instant now, duration retry_after);

  // When it ends, or has ended.
  instant until() const { return until_; }

 private:
  duration longest_;
  instant began_at_ = instant::min();
  instant until_ = instant::min();
};

}  // namespace canaryd::platform
