// Whether the state can be written at present, for the whole daemon: says once when it cannot, and
// once when it can again (reference: "Full disk").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"

namespace canaryd::daemon {

class state_alarm {
 public:
  // A write failed.
  void failed(const error& problem);
  // A write has been under way for that long.
  void waits(duration time);
  void succeeded();

  // While this is true nothing new may begin or be concluded, but rollbacks.
  bool is_on() const { return is_on_; }

 private:
  bool is_on_ = false;
};

}  // namespace canaryd::daemon
