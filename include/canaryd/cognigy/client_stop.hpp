// A time in which requests wait because the API has asked the whole client to (SPEC section 7). A
// value: no timer, no clock of its own.
#pragma once

#include "canaryd/core/time.hpp"

namespace canaryd::cognigy {

class client_stop {
 public:
  // No stop lasts longer than that, however many answers ask for more while it does.
  explicit client_stop(core::duration longest) : longest_{longest} {}

  // A request that was admitted at that instant was answered now with that Retry-After. It begins a
  // stop where it was admitted after the last one had ended; else it can only lengthen that one.
  void ask(core::instant admitted_at, core::instant now, core::duration retry_after);

  // When it ends, or has ended.
  core::instant until() const { return until_; }

 private:
  core::duration longest_;
  core::instant began_at_ = core::instant::min();
  core::instant until_ = core::instant::min();
};

}  // namespace canaryd::cognigy
