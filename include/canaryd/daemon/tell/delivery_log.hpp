// What the log says of deliveries.
#pragma once

#include "canaryd/delivery/report.hpp"

namespace canaryd::daemon {

void tell(const delivery::report& what);

}  // namespace canaryd::daemon
