// The options that each part of the daemon takes from the configuration.
#pragma once

#include "canaryd/cognigy/platform.hpp"
#include "canaryd/daemon/config.hpp"
#include "canaryd/daemon/secrets.hpp"
#include "canaryd/daemon/supervisor.hpp"
#include "canaryd/net/https_pool.hpp"

namespace canaryd::daemon {

net::https_options make_https_options(const config& from);
cognigy::budget_options make_budget_options(const config& from);
cognigy::token_options make_token_options(const config& from, const secrets& keys);
cognigy::platform_options make_platform_options(const config& from);
supervisor_options make_supervisor_options(const config& from);

}  // namespace canaryd::daemon
