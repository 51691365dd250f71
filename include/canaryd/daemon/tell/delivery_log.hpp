// Logs what the queue of deliveries reports.
#pragma once

#include "canaryd/delivery/report.hpp"

namespace canaryd::daemon {

void tell(const delivery::report& what);

}  // namespace canaryd::daemon
