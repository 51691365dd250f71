#include "canaryd/daemon/options.hpp"

namespace canaryd::daemon {

net::https_options make_https_options(const platform_config& from) {
  net::https_options options;
  options.ca_file = from.ca_file;
  options.proxy = from.proxy;
  options.connect_timeout = from.connect_timeout;
  // All connections that are in use may become idle at the same time.
  options.max_idle = from.max_connections + 2;
  return options;
}

platform::budget_options make_budget_options(const platform_config& from, bool begins_used_up) {
  return {.requests = from.rate_limit.requests,
          .per = from.rate_limit.per,
          .max_connections = from.max_connections,
          .begins_used_up = begins_used_up};
}

platform::token_options make_token_options(const platform_config& from,
                                           const platform_secrets& keys) {
  return {.token_url = from.token_url,
          .client_id = keys.client_id,
          .client_secret = keys.client_secret,
          .scopes = from.scopes,
          .request_timeout = from.request_timeout};
}

supervisor_options make_supervisor_options(const config& from) {
  return {.max_active_jobs = from.limits.max_active_jobs, .max_stretch = from.limits.max_stretch};
}

}  // namespace canaryd::daemon
