// Where deliveries go: whoever listens to one destination.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/store/delivery.hpp"

namespace canaryd::delivery {

class sink {
 public:
  virtual ~sink() = default;

  // Whether this version of the program can read what is to be delivered; else why not. One that it
  // cannot read is never delivered by it.
  virtual result<void> check(const store::delivery& what) const = 0;

  // One attempt at something that was checked. It may have arrived before: its id says so to the
  // other side. Errors: fault::refused where it is refused for good, and any other where it is to
  // be tried again. Ends with its caller: it may be cancelled.
  virtual async::task<result<void>> deliver(store::delivery what) = 0;
};

}  // namespace canaryd::delivery
