// What a queue of deliveries tells people.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/store/delivery.hpp"

#include <functional>
#include <string>
#include <variant>

namespace canaryd::delivery {

// The other side has refused the delivery for good. It is kept, marked and passed over.
struct refused {
  store::delivery what;
  error problem;
};

// This version cannot read the delivery. It is kept and passed over; a version that can read it
// delivers it. Reported once for each delivery.
struct unreadable {
  store::delivery what;
  error problem;
};

// The destination, or the store, did not answer. The queue tries again. Reported once until a
// delivery arrives.
struct delayed {
  std::string destination;
  error problem;
};

// Something waits for a destination that has no sink, and goes on waiting. Told once, when the
// queue begins to run.
struct unattended {
  std::string destination;
};

using report = std::variant<refused, unreadable, delayed, unattended>;

// Called on the loop.
using observer = std::function<void(const report&)>;

}  // namespace canaryd::delivery
