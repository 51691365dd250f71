// The code that gives deliveries to one destination.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/store/delivery.hpp"

namespace canaryd::delivery {

class sink {
 public:
  virtual ~sink() = default;

  // Fails, with the reason, if this version of the program cannot read the delivery. Such a
  // delivery is not delivered by this version.
  virtual result<void> check(const store::delivery& what) const = 0;

  // Makes one attempt. Requires that check() has passed. The delivery may have arrived before; the
  // other side knows it by its id. Fails with fault::refused if it is refused for good, and with
  // any other fault if it should be tried again. May be cancelled.
  virtual async::task<result<void>> deliver(store::delivery what) = 0;
};

}  // namespace canaryd::delivery
