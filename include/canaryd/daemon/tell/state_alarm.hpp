// Knows for the whole daemon whether the state can be written. Logs once when it cannot, and once
// when it can again (reference: "Full disk").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"

namespace canaryd::daemon {

class state_alarm {
 public:
  // Called when a write failed.
  void failed(const error& problem);
  // Called while a write is under way; `time` is how long it has taken so far.
  void waits(duration time);
  void succeeded();

  // While this is true, nothing may begin or end except rollbacks.
  bool is_raised() const { return is_raised_; }

 private:
  bool is_raised_ = false;
};

}  // namespace canaryd::daemon
