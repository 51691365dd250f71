// What a queue of deliveries has to tell people.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/store/delivery.hpp"

#include <functional>
#include <string>
#include <variant>

namespace canaryd::delivery {

// The other side has refused it for good: it is kept, marked and passed over.
struct refused {
  store::delivery what;
  error problem;
};

// This version cannot read it: it is kept and passed over, and a version that can read it delivers
// it. Told once of each.
struct unreadable {
  store::delivery what;
  error problem;
};

// The destination cannot be reached, or the store be asked: it is tried again. Told once until
// something arrives.
struct delayed {
  std::string destination;
  error problem;
};

using report = std::variant<refused, unreadable, delayed>;

// Called on the loop.
using observer = std::function<void(const report&)>;

}  // namespace canaryd::delivery
