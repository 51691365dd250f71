// Asks the configured platforms whether all is well, for --check-config --online.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/daemon/platforms.hpp"

#include <functional>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct platform_report {
  std::string platform;
  // What is wrong, if anything is.
  result<void> outcome;
};

// Asks each configured platform for what needs no change (platform::driver::check), all at the same
// time. None may take longer than its connect_timeout and request_timeout together. A platform
// whose credentials were left unchecked is not asked, and is reported as wrong. The reports are in
// the order of the names. `random` gives numbers evenly spread over [0, 1).
async::task<std::vector<platform_report>> check_platforms(const config& settings,
                                                          const secrets& keys,
                                                          platforms::transport_source transports,
                                                          std::function<double()> random);

// "eu: ok", or "eu: " and what is wrong.
std::string describe(const platform_report& report);

}  // namespace canaryd::daemon
