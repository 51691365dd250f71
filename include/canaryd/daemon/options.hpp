// Makes the options of each part of the daemon from the configuration.
#pragma once

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/daemon/supervisor.hpp"
#include "canaryd/net/https_pool.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"
#include "canaryd/platform/token/token_source.hpp"

namespace canaryd::daemon {

net::https_options make_https_options(const platform_config& from);
platform::budget_options make_budget_options(const platform_config& from,
                                             bool begins_used_up = true);
platform::token_options make_token_options(const platform_config& from,
                                           const platform_secrets& keys);
supervisor_options make_supervisor_options(const config& from);

}  // namespace canaryd::daemon
